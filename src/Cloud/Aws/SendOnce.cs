using AkkaOverlay.Actors.CloudRoutes;
using Amazon.Runtime;

namespace AkkaOverlay.Cloud.Aws;

/// <summary>
/// Sends each request once. Amazon's library sends one whose connection broke another ten times without a pause, also with MaxErrorRetry at 0 (seen with 4.0.132):
/// it does so where an exception of HttpClient is, or has inside; so what is thrown here has none inside.
/// </summary>
internal sealed class SendOnce() : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CloudException(CloudTrouble.Passing, CloudText.OneLine(e.Message));
        }
    }
}

/// <summary>One client, and so one set of connections, for each of Amazon's clients.</summary>
internal sealed class SendOnceFactory : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SendOnce()) { Timeout = CloudProviders.RequestTime };

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
}
