/// Reads how an attempt ended from its folder, when nothing of it is alive any more.
///
/// It is a function of the folder and of what the engine itself did to the program, so an engine
/// that is killed here and starts again comes to the same conclusion.
struct Conclusion: Sendable {
    /// The class of failure where the engine ended the program; nil where it ended by itself.
    var ending: String?
    var duration: Duration

    /// The outcome.
    ///
    /// Blocks: it copies and syncs the output.
    func outcome(folder: RunFolder, store: OutputStore) -> TargetOutcome {
        let status = folder.exitStatus()
        var file: OutputFile?
        var trouble = ""
        do throws(OutputError) {
            file = try store.keep(folder.output)
        } catch {
            trouble = "The output could not be stored: \(error.text)."
        }
        guard ending == nil, status == 0 else {
            var failure = failure(status, hasBegun: folder.hasBegun)
            failure.output = file
            failure.note = trouble
            failure.duration = duration
            if failure.failureClass == TargetFailureClass.exit {
                failure.statedClass = ResultText.statedClass(ResultText.read(folder.result).json)
            }
            return .failed(failure)
        }
        if !trouble.isEmpty {
            return .failed(
                TargetFailure(
                    failureClass: TargetFailureClass.output, code: 0,
                    message: "the program ended with 0. " + trouble, isDefinite: false,
                    duration: duration))
        }
        let result = ResultText.read(folder.result)
        return .succeeded(
            Completion(
                exitCode: 0, httpStatus: nil, output: file, resultJSON: result.json,
                note: result.note, duration: duration))
    }

    private func failure(_ status: Int64?, hasBegun: Bool) -> TargetFailure {
        if !hasBegun {
            return TargetFailure(
                failureClass: ending ?? TargetFailureClass.spawn,
                message: "the program was not started: it was ended at its gate.",
                isDefinite: true)
        }
        if let ending {
            let why =
                ending == TargetFailureClass.timeout
                ? "the program was ended after its timeout."
                : "the program was ended: the run was cancelled, or the engine stops."
            return TargetFailure(failureClass: ending, message: why, isDefinite: false)
        }
        switch status {
        case .some(let status) where Self.signals.contains(status):
            return TargetFailure(
                failureClass: TargetFailureClass.signal, code: status - 128,
                message: "the program was ended by signal \(status - 128).", isDefinite: false)
        case .some(let status):
            return TargetFailure(
                failureClass: TargetFailureClass.exit, code: status,
                message: "the program ended with exit code \(status).", isDefinite: true)
        case nil:
            return TargetFailure(
                failureClass: TargetFailureClass.lost,
                message: "the program and its wrapper are gone and left no exit code (killed?).",
                isDefinite: false)
        }
    }

    /// A shell says 128 + n for signal n (POSIX, 2.8.2).
    ///
    /// Linux has 64 signals. A program that chooses such a code itself is read the same way.
    private static let signals: ClosedRange<Int64> = 129...192
}
