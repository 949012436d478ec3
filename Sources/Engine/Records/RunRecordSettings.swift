/// Where the engine puts its run records.
public struct RunRecordSettings: Sendable {
    /// The kinds of place.
    public enum Target: Sendable {
        /// Files `runs-YYYY-MM-DD.jsonl` in a folder, made where it is missing.
        case file(folder: String)
        /// Standard output.
        case standardOutput
        /// POSTs to a collector; the token, read anew each time, goes into `Authorization: Bearer`.
        case http(url: String, token: (@Sendable () throws -> String)?)
    }

    /// Where they go.
    public var target: Target
    /// How long nothing could be written before an alert says so.
    public var alertAfter = Duration.seconds(60)
    /// The pause after the first failure; each further one is twice as long.
    public var pauseMin = Duration.milliseconds(500)
    /// The longest pause.
    public var pauseMax = Duration.seconds(60)
    /// How long a stop waits for what is not written yet; the next start goes on from there.
    public var stopWait = Duration.seconds(10)

    /// Settings with the usual times.
    public init(_ target: Target) { self.target = target }
}
