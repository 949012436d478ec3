import Engine
import Events

/// Reads how an attempt ended, as a worker reports it.
enum WorkerResult {
    /// The classes of failure that a worker may name; others are the engine's own.
    private static let classes: Set<String> = [
        "binding", "cancelled", "exit", "killed", "lease", "output", "signal", "spawn", "timeout",
    ]
    private static let messageByteCountMax = 1_024

    static func read(_ body: ActBody, worker: String) throws -> AttemptResult {
        var result = AttemptResult()
        let status = try body.text("status")
        switch status {
        case "succeeded": result.isSuccess = true
        case "failed":
            result.failureClass = try body.text("failureClass", byteCountMax: 32)
            guard classes.contains(result.failureClass) else {
                throw APIError(
                    .badRequest, "invalid",
                    "field 'failureClass' must be one of "
                        + classes.sorted().joined(separator: ", "))
            }
            result.isDefinite = try body.flag("definite")
        default:
            throw APIError(
                .badRequest, "invalid", "field 'status' must be 'succeeded' or 'failed'")
        }
        result.message = try body.text("message", byteCountMax: messageByteCountMax)
        result.note = try body.text("note", byteCountMax: messageByteCountMax)
        result.result = try body.json("result")
        if let code = try body.number("exitCode") { result.exitCode = Int64(clamping: code) }
        result.durationMicroseconds = try body.number("durationUs") ?? 0
        if let output = try body.object("output") { result.output = try reference(output, worker) }
        return result
    }

    /// The output stays on the worker's machine: the path names it there.
    private static func reference(
        _ body: ActBody, _ worker: String
    ) throws -> OutputReference {
        var output = OutputReference()
        output.sha256 = try body.text("sha256")
        let isDigest =
            output.sha256.utf8.count == 64
            && output.sha256.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
        guard isDigest, let byteCount = try body.number("byteCount") else {
            throw APIError(
                .badRequest, "invalid",
                "field 'output' needs 'byteCount' and 'sha256', 64 hexadecimal digits")
        }
        output.byteCount = byteCount
        output.isTruncated = try body.flag("truncated")
        output.path = "worker:\(worker)/files/\(output.sha256)"
        return output
    }
}
