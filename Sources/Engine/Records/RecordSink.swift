import EventLog
import Projections

/// A line as it goes out.
package struct OutgoingLine: Sendable {
    /// The line.
    package let line: RunRecordLine
    /// Whether it may have gone out before, so that it says so.
    package let isRepeat: Bool

    /// A line, marked or not.
    package init(line: RunRecordLine, isRepeat: Bool) {
        self.line = line
        self.isRepeat = isRepeat
    }

    /// Its bytes, with the line feed.
    package var bytes: [UInt8] {
        Array((isRepeat ? line.redeliveredJSON : line.json).utf8) + [UInt8(ascii: "\n")]
    }
}

/// Lines could not be written.
package struct RecordFailure: Error, Sendable, CustomStringConvertible {
    /// What failed, and where; never what a collector answered in words.
    package let description: String
    /// Whether some of the lines may have arrived all the same.
    package let mayHaveArrived: Bool

    /// A failure.
    package init(_ description: String, mayHaveArrived: Bool) {
        self.description = description
        self.mayHaveArrived = mayHaveArrived
    }
}

/// Takes lines.
///
/// Used by one thread; every call may block it.
package protocol RecordSink {
    /// What its position file is called by.
    var name: String { get }
    /// Whether the lines that are there say exactly what was written, after a crash too.
    var isExact: Bool { get }
    /// Makes itself ready.
    ///
    /// - Returns: the sequence of the last line of this log that is there; nil where there is none,
    ///   or where that cannot be known.
    mutating func begin(log: LogIdentity) throws -> UInt64?
    /// Writes lines, durably where that can be known; called again with the same ones after a
    /// failure.
    ///
    /// - Parameter givesUp: asked while it waits: whether to end with a failure.
    mutating func write(
        _ lines: [OutgoingLine], givesUp: @escaping @Sendable () -> Bool
    ) throws(RecordFailure)
    /// Lets go of what it holds.
    mutating func end()
}
