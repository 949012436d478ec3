import Engine
import Testing

/// What wakes the polls of workers, and what is said of progress.
@Suite struct LeaseBellTests {
    @Test("whoever read the count before a ring does not wait")
    func missesNothing() async {
        let bell = LeaseBell()
        let count = bell.count
        bell.ring()
        await bell.wait(after: count, atMost: .seconds(3_600))
        bell.close()
        await bell.wait(after: bell.count, atMost: .seconds(3_600))
        #expect(bell.isClosed)
    }

    @Test("a ring wakes everybody, and the end of a task or of the time ends its wait")
    func wakes() async {
        let bell = LeaseBell()
        let count = bell.count
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { await bell.wait(after: count, atMost: .seconds(3_600)) }
            }
            // Some wait already, some come later: both end.
            bell.ring()
        }
        let waiting = Task { await bell.wait(after: bell.count, atMost: .seconds(3_600)) }
        waiting.cancel()
        await waiting.value
        await bell.wait(after: bell.count, atMost: .milliseconds(1))
    }

    @Test("progress counts only under the token that it was said with, and goes with its lease")
    func progress() {
        let board = ProgressBoard()
        for run in 1...3 as ClosedRange<UInt64> {
            board.set(
                run, .init(token: run * 10, percent: run, message: "m", at: 1), live: [1, 2, 3])
        }
        #expect(board.progress(ofRun: 2, token: 20)?.percent == 2)
        #expect(board.progress(ofRun: 2, token: 21) == nil)
        board.set(3, .init(token: 31, percent: nil, message: "", at: 2), live: [3])
        #expect(board.progress(ofRun: 2, token: 20) == nil)
        #expect(board.progress(ofRun: 3, token: 31)?.percent == nil)
    }
}
