using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

public class PostgresConnectionSpecs
{
    [Fact]
    public void It_shows_all_but_the_user_and_the_password()
    {
        var connection = PostgresConnection.Parse("Host=db1;Port=5433;Username=overlay;Password=s3cret;Database=leases");
        Assert.Equal("database leases on db1:5433", connection.ToString());
        Assert.Equal("--journal postgres: database leases on db1:5433: why", new PostgresJournal(connection).Describe(new IOException("why")));
        Assert.True(connection.HasPassword);
    }

    [Theory]
    [InlineData("Host=db1;Password=s3;cret=1")]
    [InlineData("Host=db1;Pasword=s3cret")]
    [InlineData("s3cret")]
    [InlineData("Host=db1;S3cret=")]
    [InlineData("Host=db1;Port=s3cret")]
    [InlineData("Username=overlay;Password=s3cret")]
    [InlineData("")]
    public void A_text_that_is_none_is_refused_without_a_word_of_it(string text)
    {
        string message = Assert.Throws<FormatException>(() => PostgresConnection.Parse(text)).Message;
        Assert.DoesNotContain("s3", message, StringComparison.Ordinal);
        Assert.DoesNotContain("cret", message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_waits_no_longer_than_hosts_do_unless_told_so()
    {
        Assert.Contains("Timeout=5;Command Timeout=10", PostgresConnection.Parse("Host=db1").Secret, StringComparison.Ordinal);
        string told = PostgresConnection.Parse("Host=db1;Timeout=20;Command Timeout=21;Maximum Pool Size=3;Target Session Attributes=any").Secret;
        Assert.Contains("Timeout=20", told, StringComparison.Ordinal);
        Assert.Contains("Command Timeout=21", told, StringComparison.Ordinal);
        Assert.Contains("Maximum Pool Size=3", told, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_servers_it_takes_the_primary() =>
        Assert.Contains("Target Session Attributes=primary", PostgresConnection.Parse("Host=db1,db2").Secret, StringComparison.OrdinalIgnoreCase);
}
