import EventLog
import Glibc

/// Run records on an open descriptor, such as standard output.
///
/// What a pipe took may be read by nobody, so after a crash the last lines go out again, marked.
package struct RecordStreamSink: RecordSink {
    package let name = "stdout"
    package let isExact = false
    private let descriptor: Int32
    /// Whether a write ended within a line: the next one then begins with a line feed.
    private var isWithinLine = false

    /// A pipe that is ready takes as much at once without blocking (pipe(7): `PIPE_BUF`).
    private static let pieceByteCount = 4_096
    /// How often it is asked whether to give up, while nobody reads.
    private static let pollMilliseconds: Int32 = 200

    /// A sink of a descriptor, which stays open.
    package init(descriptor: Int32 = STDOUT_FILENO) { self.descriptor = descriptor }

    package mutating func begin(log: LogIdentity) -> UInt64? { nil }

    package mutating func end() {}

    package mutating func write(
        _ lines: [OutgoingLine], givesUp: @escaping @Sendable () -> Bool
    ) throws(RecordFailure) {
        var bytes = lines.flatMap(\.bytes)
        if isWithinLine { bytes.insert(UInt8(ascii: "\n"), at: 0) }
        var done = 0
        while done < bytes.count {
            do throws(RecordFailure) {
                done += try writePiece(bytes[done...], hasWritten: done > 0, givesUp)
            } catch {
                if done > 0 { isWithinLine = bytes[done - 1] != UInt8(ascii: "\n") }
                throw error
            }
        }
        isWithinLine = false
    }

    private func writePiece(
        _ bytes: ArraySlice<UInt8>, hasWritten: Bool, _ givesUp: () -> Bool
    ) throws(RecordFailure) -> Int {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&entry, 1, Self.pollMilliseconds) == 0 {
            guard givesUp() else { return 0 }
            throw RecordFailure("nobody reads standard output", mayHaveArrived: hasWritten)
        }
        let count = bytes.prefix(Self.pieceByteCount).withUnsafeBytes {
            Glibc.write(descriptor, $0.baseAddress, $0.count)
        }
        if count >= 0 { return count }
        let answer = errno
        if answer == EINTR || answer == EAGAIN { return 0 }
        throw RecordFailure(
            "standard output cannot be written: \(String(cString: strerror(answer)))",
            mayHaveArrived: hasWritten)
    }
}
