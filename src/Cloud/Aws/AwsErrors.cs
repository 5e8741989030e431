using System.Net;
using AkkaOverlay.Actors.CloudRoutes;
using Amazon.Runtime;

namespace AkkaOverlay.Cloud.Aws;

/// <summary>EC2's failures (EC2 API Reference, "Error codes") in our words.</summary>
internal static class AwsErrors
{
    public const string NoSuchRoute = "InvalidRoute.NotFound";

    /// <param name="action">What was asked for, as an IAM policy names it.</param>
    /// <param name="about">The object, for an operator.</param>
    public static CloudException Of(Exception failure, string action, string about) => failure switch
    {
        AmazonServiceException { ErrorCode: { Length: > 0 } code } service => Of(service, code, action, about),
        AmazonServiceException { StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.TooManyRequests } service =>
            new CloudException(CloudTrouble.Refused, $"aws-vpc: {action} for {about}: {CloudText.OneLine(service.Message)}", failure),
        _ => new CloudException(CloudTrouble.Passing, $"aws-vpc: {action} for {about}: {CloudText.OneLine(failure.Message)}", failure),
    };

    private static CloudException Of(AmazonServiceException failure, string code, string action, string about)
    {
        var trouble = KindOf(failure, code);
        string text = trouble switch
        {
            // Amazon's own text carries an encoded message of a kilobyte.
            CloudTrouble.Rights => $"aws-vpc: this host may not do {action} ({code}): its role needs that right",
            CloudTrouble.Limit => $"aws-vpc: no room for {about} ({code}): the quota \"Routes per route table\" of the VPC is used up",
            _ => $"aws-vpc: {action} for {about}: {code}: {CloudText.OneLine(failure.Message)}",
        };
        return new CloudException(trouble, text, failure);
    }

    private static CloudTrouble KindOf(AmazonServiceException failure, string code) => code switch
    {
        "RouteLimitExceeded" => CloudTrouble.Limit,
        "UnauthorizedOperation" or "AuthFailure" or "AccessDenied" or "AccessDeniedException" or "Blocked" or "OptInRequired"
            or "InvalidClientTokenId" or "UnrecognizedClientException" or "ExpiredToken" or "RequestExpired" or "SignatureDoesNotMatch" => CloudTrouble.Rights,
        // Another one was faster: the next reading says what there is.
        "RouteAlreadyExists" or NoSuchRoute => CloudTrouble.Passing,
        "RequestLimitExceeded" or "Throttling" or "ThrottlingException" or "EC2ThrottledException" or "InternalError" or "InternalFailure"
            or "Unavailable" or "ServiceUnavailable" or "RequestTimeout" => CloudTrouble.Passing,
        _ when failure.StatusCode >= HttpStatusCode.InternalServerError => CloudTrouble.Passing,
        _ when failure.StatusCode == HttpStatusCode.Forbidden => CloudTrouble.Rights,
        _ => CloudTrouble.Refused,
    };
}
