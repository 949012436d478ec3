import Engine
import Events

/// The targets of the golden log: each attempt of a job does what the script says, and succeeds
/// where it says nothing.
final class GoldenWorld {
    /// What an attempt does.
    enum Behaviour {
        /// Ends well at once.
        case succeeds
        /// Ends badly at once; the work was certainly not done.
        case fails
        /// Goes on until the script ends it.
        case runs
        /// Is not heard of.
        case isSilent
    }

    /// What the next attempts of each job do, the first first.
    var plans: [String: [Behaviour]] = [:]
    /// What an external dependency says, the first first; READY afterwards.
    var answers: [String] = []
    /// Whether the next notification fails by one of its channels.
    var failsToTell = false
    /// The last attempt of each job.
    private(set) var last: [String: AttemptRequest] = [:]

    /// What the world does at once about an effect.
    func react(_ effect: Effect) -> (Command?, Command?) {
        switch effect {
        case .deliver(let request):
            last[request.jobId] = request
            let behaviour = plans[request.jobId]?.first ?? .succeeds
            plans[request.jobId] = plans[request.jobId].map { Array($0.dropFirst()) }
            return answer(request, behaviour)
        case .reconcile(let request, _, _, _, _):
            var lost = AttemptResult()
            lost.failureClass = "lost"
            lost.message = "the engine was gone, and no process of this attempt was found"
            return (.ended(run: request.run, attempt: request.attempt, lost), nil)
        case .probe(let request, let name, _):
            let status = answers.isEmpty ? "READY" : answers.removeFirst()
            let answer = Command.dependencyAnswer(
                run: request.run, name: name, status: status, detail: "asked in the golden log")
            return (answer, nil)
        case .notify(let request) where failsToTell:
            failsToTell = false
            var failed = NotificationOutcome(request)
            failed.channel = "webhook"
            failed.contact = "ops-oncall"
            failed.failureClass = "timeout"
            failed.message = "no answer came in time"
            failed.remaining = 1
            return (.notified(failed), LogMaker.usual(effect))
        case .notify, .withdraw, .proceed, .terminate, .discard, .saveState:
            return (LogMaker.usual(effect), nil)
        }
    }

    private func answer(
        _ request: AttemptRequest, _ behaviour: Behaviour
    ) -> (Command?, Command?) {
        let isProcess = request.binding.kind == "process"
        let ready = isProcess ? LogMaker.ready(request) : nil
        switch behaviour {
        case .isSilent: return (nil, nil)
        case .runs: return (ready, nil)
        case .succeeds: return (ready, ended(request, Self.success(isProcess: isProcess)))
        case .fails: return (ready, ended(request, Self.failure()))
        }
    }

    private func ended(_ request: AttemptRequest, _ result: AttemptResult) -> Command {
        .ended(run: request.run, attempt: request.attempt, result)
    }

    static func success(isProcess: Bool = true) -> AttemptResult {
        var result = AttemptResult()
        result.isSuccess = true
        if isProcess { result.exitCode = 0 } else { result.httpStatus = 200 }
        result.durationMicroseconds = 1_250_000
        result.result = "{\"rows\":12}"
        var output = OutputReference()
        output.sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        output.path = "files/" + output.sha256
        output.byteCount = 2_048
        result.output = output
        return result
    }

    static func failure() -> AttemptResult {
        var result = AttemptResult()
        result.exitCode = 3
        result.failureClass = "exit"
        result.message = "the program ended with exit code 3"
        result.isDefinite = true
        result.durationMicroseconds = 90_000
        return result
    }
}
