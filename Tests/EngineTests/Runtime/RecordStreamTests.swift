import Engine
import EventLog
import Foundation
import Glibc
import Projections
import Testing

/// Run records on a pipe whose reader is slow, and gone.
@Suite struct RecordStreamTests {
    /// So many lines, of some hundred bytes each.
    private func lines(_ count: Int, areRepeats: Bool = false) -> [OutgoingLine] {
        (0..<count).map { number in
            let json = "{\"number\":\(number),\"text\":\"\(String(repeating: "x", count: 300))\"}"
            let line = RunRecordLine(
                sequence: UInt64(number), time: 0, foldFrom: 0, json: json)
            return OutgoingLine(line: line, isRepeat: areRepeats)
        }
    }

    @Test("A pipe that is full ends in a failure when asked, and later lines begin on a new line")
    func full() throws {
        let pipe = Pipe()
        var sink = RecordStreamSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        // More than a pipe holds (pipe(7): 64 KiB), and nobody reads.
        let failure = #expect(throws: RecordFailure.self) {
            try sink.write(lines(1_000), givesUp: { true })
        }
        #expect(failure?.mayHaveArrived == true)
        let reader = pipe.fileHandleForReading
        let done = DispatchSemaphore(value: 0)
        // Safe: written by the thread before it signals, read after that alone.
        nonisolated(unsafe) var found = Data()
        Thread.detachNewThread {
            found = (try? reader.readToEnd()) ?? Data()
            done.signal()
        }
        try sink.write(lines(1_000, areRepeats: true), givesUp: { false })
        try pipe.fileHandleForWriting.close()
        done.wait()
        let all = String(decoding: found, as: UTF8.self).split(separator: "\n")
        let marked = all.filter { $0.hasSuffix("\"redelivered\":true}") }
        #expect(marked.count == 1_000)
        let whole = all.filter { $0.hasPrefix("{\"number\":") && $0.hasSuffix("}") }
        // One at the most was broken off.
        #expect(all.count - whole.count <= 1)
        #expect(whole.count > 1_000)
    }

    @Test("A reader that is gone is a failure that says so, where nothing was written unmarked")
    func gone() throws {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        var sink = RecordStreamSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForReading.close()
        let failure = #expect(throws: RecordFailure.self) {
            try sink.write(lines(3), givesUp: { false })
        }
        #expect(failure?.mayHaveArrived == false)
        #expect(failure?.description.contains("Broken pipe") == true)
    }
}
