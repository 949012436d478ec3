import ArgumentParser
import EventLog
import Events
import Replay

/// `daybook replay`: the state, rebuilt from the log.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Rebuild the state from the log; print counts, rate and state digest.",
        discussion: """
            Needs no engine and changes nothing. With --compare or --compare-every the exit code is \
            0 only where the rebuilt state agrees with what the engine recorded: it is 1 where they \
            differ, where nothing was recorded, and where something is not comparable (this build \
            and the one that recorded it do not keep the same projection in the same version).

            EXAMPLE
              daybook replay --data data --until 2026-03-29T12:00:00Z --compare
            """)

    @OptionGroup var data: DataOption

    @Option(
        help: """
            Stop after this sequence (digits alone) or this moment: 2026-03-29T12:00:00Z, or \
            2026-03-29 for the end of that day in UTC.
            """,
        transform: TimeArgument.bound)
    var until: TimeArgument.Bound?

    @Flag(
        help: """
            Go on from the newest good snapshot within the bound, where there is one: quicker, but \
            no proof of what came before it.
            """)
    var fromSnapshot = false

    @Flag(help: "Compare the state with the last digest that the engine recorded.")
    var compare = false

    @Flag(help: "Compare the state with every digest that the engine recorded.")
    var compareEvery = false

    @OptionGroup var json: JSONOption

    func run() async throws {
        let folder = try data.open()
        let progress = ProgressLine(isWanted: !json.isWanted)
        progress.show("reading \(data.path)")
        let result: ReplayResult
        do {
            result = try Replayer(folder, options(progress)).run()
        } catch {
            progress.clear()
            throw error
        }
        progress.clear()
        var output = Output()
        if json.isWanted {
            try output.json(result.json)
        } else {
            try write(result, &output)
        }
        try output.finish()
        switch result.outcome {
        case .notAsked, .agrees: return
        case .differs, .nothingRecorded, .notComparable: throw ExitMapping.Answer.no.exitCode
        }
    }

    private func options(_ progress: ProgressLine) -> Replayer.Options {
        var options = Replayer.Options()
        switch until {
        case .sequence(let sequence): options.untilSequence = sequence
        case .time(let time): options.untilTime = time
        case nil: break
        }
        options.start = fromSnapshot ? .snapshot : .nothing
        options.comparison = compareEvery ? .every : compare ? .last : .none
        options.progress = { state in
            progress.show(
                "\(state.records) events, \(Words.decimal(state.recordsPerSecond, places: 0)) "
                    + "a second, at \(UTCText.of(microseconds: state.time))")
        }
        return options
    }

    private func write(_ result: ReplayResult, _ output: inout Output) throws(CommandFailure) {
        var table = Table()
        table.add("events", String(result.events))
        table.add("seconds", Words.decimal(result.seconds, places: 3))
        table.add("events a second", Words.decimal(result.eventsPerSecond, places: 0))
        if let last = result.lastSequence {
            table.add("last sequence", String(last))
            table.add("last time", UTCText.of(microseconds: result.lastTime))
        }
        table.add("log", result.identity.description)
        if fromSnapshot {
            table.add("from", result.snapshot.map { "the snapshot of sequence \($0)" } ?? "nothing")
        }
        table.add("digest", result.digest.hex)
        switch result.outcome {
        case .notAsked: break
        case .nothingRecorded: table.add("compared", "nothing: no digest is recorded up to here")
        case .agrees: table.add("compared", "agrees, \(place(result))")
        case .differs: table.add("compared", "DIFFERS, \(place(result))")
        case .notComparable: table.add("compared", "not comparable, \(place(result))")
        }
        try output.table(table)
        for check in result.checks where check.verdict != .agrees {
            try write(check, &output)
        }
        if case .sequence(let sequence)? = until, result.lastSequence.map({ $0 < sequence }) ?? true
        {
            ErrorOutput.line("daybook: the log ends before sequence \(sequence)")
        }
        for unusable in result.unusableSnapshots { ErrorOutput.line("daybook: \(unusable)") }
        EngineRemark.tell(result.trust == .provedDurable)
    }

    private func place(_ result: ReplayResult) -> String {
        if result.checks.count == 1, let check = result.checks.first {
            return "with the digest of sequence \(check.atSequence)"
        }
        return "with \(result.checks.count) recorded digests"
    }

    private func write(_ check: DigestCheck, _ output: inout Output) throws(CommandFailure) {
        try output.line("at sequence \(check.atSequence):")
        for difference in check.differences {
            try output.line("  \(difference.description)")
            guard let key = difference.key else { continue }
            try output.line("    engine   \(key.engine ?? "nothing")")
            try output.line("    rebuilt  \(key.rebuilt ?? "nothing")")
        }
        for name in check.notComparable { try output.line("  not comparable: \(name)") }
    }
}
