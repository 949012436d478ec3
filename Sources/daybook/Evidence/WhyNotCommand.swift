import ArgumentParser
import EventLog
import Events
import Replay
import Server
import Timetable

/// `daybook why-not`: why a schedule ran, or did not, at a moment.
struct WhyNotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why-not",
        abstract: "Say in sentences why a job ran, or did not, at a moment, from the log.",
        discussion: """
            Reads the log by its indexes; needs no engine, changes nothing. Each sentence names \
            the event that proves it by its sequence and its time.

            EXAMPLE
              daybook why-not 834-nightly --at 2026-03-29T02:30 --data data
              daybook why-not 834-nightly --at 2026-03-29 --data data --json
            """)

    @Argument(help: "The job's id.")
    var job: String

    @Option(
        help: """
            A moment such as 2026-03-29T03:00:00+02:00, a local time of the job's zone such as \
            2026-03-29T02:30, or a date: then every occurrence of that date.
            """)
    var at: String

    @OptionGroup var data: UsualDataOption
    @OptionGroup var json: JSONOption

    func run() async throws {
        let question = WhyNotQuestion(
            History(try data.open()), zones: try ZoneCatalog(),
            now: LogSources.system.nowMicroseconds())
        let answer: WhyNot
        do {
            answer = try question.answer(job, at: at)
        } catch let error as TimetableError {
            throw CommandFailure.misuse("--at: \(error)")
        }
        var output = Output()
        if json.isWanted {
            try output.json(answer.json)
        } else {
            for remark in answer.remarks { try output.line("-- " + remark) }
            for item in answer.items { try Self.write(item, &output) }
            if answer.more > 0 {
                try output.line("more: \(Words.count(answer.more, "occurrence"))")
            }
            EngineRemark.tell(answer.isEngineRunning)
        }
        try output.finish()
    }

    private static func write(
        _ item: WhyNot.Item, _ output: inout Output
    ) throws(CommandFailure) {
        try output.line(item.headline)
        for sentence in item.sentences {
            var place = ""
            if let sequence = sentence.sequence, let time = sentence.time {
                place = "\(UTCText.of(microseconds: time))  [\(sequence)]  "
            }
            try output.line("  \(place)\(sentence.text)")
        }
    }
}
