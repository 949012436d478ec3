import ArgumentParser
import DaybookConfiguration
import Foundation
import Timetable

/// `daybook import`: schedules of other schedulers, and what differs in meaning.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turn another scheduler's file into schedules.",
        discussion: """
            Prints the schedules, each on a line, as a schedule's file has them, then what means \
            something else here; what cannot be taken over goes to standard error. Writes nothing.

            EXAMPLE
              daybook import crontab /etc/crontab --system
              daybook import systemd backup.timer --json
            """)

    /// Whose file it is.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case crontab, systemd, kubernetes, quartz
    }

    /// Larger files are not written by people.
    private static let byteCountMax = 1 << 20

    @Argument(help: "crontab, systemd, kubernetes or quartz.")
    var format: Format

    @Argument(help: "The file.")
    var file: String

    @Flag(help: "The crontab has a user before each command, as /etc/crontab has.")
    var system = false

    @OptionGroup var json: JSONOption

    func validate() throws {
        if system && format != .crontab {
            throw ValidationError("--system goes with crontab")
        }
    }

    func run() async throws {
        let text = try read()
        let result =
            switch format {
            case .crontab: CrontabImporter.read(text, form: system ? .system : .user)
            case .systemd: SystemdImporter.read(text, name: name)
            case .kubernetes: importKubernetes(text, file: file)
            case .quartz: QuartzImporter.read(text)
            }
        var output = Output()
        if json.isWanted {
            try output.json(result.json)
        } else {
            for schedule in result.schedules { try output.line(schedule.json) }
            for note in result.differences { try output.line("-- differs, \(note)") }
        }
        try output.finish()
        if !result.errors.isEmpty {
            throw CommandFailure.no(
                "\(file): \(Words.count(result.errors.count, "thing")) cannot be taken over. Mend "
                    + "or leave out what this lists.",
                detail: result.errors.prefix(100).map(\.description))
        }
    }

    /// The file's name without folder and ending.
    private var name: String {
        let last = file.split(separator: "/").last.map(String.init) ?? "timer"
        return last.hasSuffix(".timer") ? String(last.dropLast(6)) : last
    }

    private func read() throws(CommandFailure) -> String {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw .misuse("'\(file)' cannot be opened. Give a file that you may read.")
        }
        let data: Data
        do {
            data = try handle.read(upToCount: Self.byteCountMax + 1) ?? Data()
            try handle.close()
        } catch {
            throw .no("'\(file)' cannot be read: \(error.localizedDescription). Check the file.")
        }
        guard data.count <= Self.byteCountMax else {
            throw .no("'\(file)' has more than \(Self.byteCountMax) bytes. Split it.")
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw .no("'\(file)' is not UTF-8. Convert it.")
        }
        return text
    }
}
