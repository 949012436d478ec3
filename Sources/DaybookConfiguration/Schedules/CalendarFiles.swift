import Events
import Timetable

/// The calendars of a configuration: files of several kinds, and calendars made of others.
struct CalendarFiles {
    private let zones: ZoneCatalog
    private var drafts: [String: CalendarDraft] = [:]

    init(zones: ZoneCatalog) {
        self.zones = zones
    }

    /// Reads the calendars of a folder; each takes the place of one of that name in another.
    mutating func read(_ folder: String, _ reader: inout FolderReader, _ log: inout ProblemLog) {
        let names = reader.names(in: folder, &log)
        var used: Set<String> = []
        var found: [CalendarDraft] = []
        for name in names where Self.isData(name) {
            guard let draft = self.draft(folder, name, names, &reader, &log) else { continue }
            if let ics = draft.ics { used.insert(ics.name) }
            found.append(draft)
        }
        for name in names where !Self.isData(name) {
            guard Self.isICS(name) else {
                log.warning(
                    SourcePlace(path(folder, name)), "", "this is not read",
                    "calendars are files that end with .json, .yaml, .yml or .ics")
                continue
            }
            // What a calendar refers to is a part of that one.
            if used.contains(name) { continue }
            if let draft = icsDraft(folder, name, &reader, &log) { found.append(draft) }
        }
        add(found, folder, &log)
    }

    /// Reads one calendar, and those beside it where it is made of others.
    ///
    /// Gives its name.
    mutating func read(
        file name: String, _ reader: inout FolderReader, _ log: inout ProblemLog
    ) -> String? {
        let names = reader.names(in: "", &log)
        let draft =
            Self.isICS(name)
            ? icsDraft("", name, &reader, &log) : self.draft("", name, names, &reader, &log)
        guard let draft else { return nil }
        if !draft.parts.isEmpty || !draft.without.isEmpty { read("", &reader, &log) }
        drafts[draft.name] = draft
        return draft.name
    }

    /// The calendars, worked out.
    func definitions(_ log: inout ProblemLog) -> [String: CalendarDefinition] {
        var combiner = CalendarCombiner(drafts: drafts)
        return combiner.definitions(&log)
    }

    private mutating func add(
        _ found: [CalendarDraft], _ folder: String, _ log: inout ProblemLog
    ) {
        var places: [String: SourcePlace] = [:]
        for draft in found {
            if let first = places[draft.name] {
                log.error(
                    draft.place, "name",
                    "the calendar \(shown(draft.name)) stands twice, first in \(first.file)",
                    "rename one of the two")
                continue
            }
            places[draft.name] = draft.place
            drafts[draft.name] = draft
        }
    }

    // MARK: Files

    private func draft(
        _ folder: String, _ name: String, _ names: [String], _ reader: inout FolderReader,
        _ log: inout ProblemLog
    ) -> CalendarDraft? {
        guard let node = reader.tree(path(folder, name), &log) else { return nil }
        SecretScan.scan(node, "", &log)
        guard var draft = CalendarReader.read(node, fileName: name, &log) else { return nil }
        guard let ics = draft.ics else { return draft }
        // A name that is in the listing cannot lead out of the folder.
        guard Self.isICS(ics.name), names.contains(ics.name) else {
            let hint = log.nearest(ics.name, among: names.filter(Self.isICS))
            log.error(
                ics.place, ics.path, "there is no file \(shown(ics.name)) in this folder",
                hint.map { "did you mean \($0)?" }
                    ?? "give the name of an .ics file beside this one, without a folder")
            return draft
        }
        if let calendar = icsCalendar(
            path(folder, ics.name), draft.name, draft.validThrough, &reader, &log)
        {
            draft.add(calendar.holidays)
            draft.validThrough = calendar.validThrough
        }
        return draft
    }

    private func icsDraft(
        _ folder: String, _ name: String, _ reader: inout FolderReader, _ log: inout ProblemLog
    ) -> CalendarDraft? {
        let place = SourcePlace(path(folder, name))
        guard let stem = Values.identifier(CalendarReader.stem(name), place, "name", &log),
            let calendar = icsCalendar(place.file, stem, nil, &reader, &log)
        else { return nil }
        var draft = CalendarDraft(name: stem, place: place)
        draft.holidays = calendar.holidays
        draft.validThrough = calendar.validThrough
        return draft
    }

    /// The holidays of an iCalendar file, through a date or as far as it says.
    private func icsCalendar(
        _ path: String, _ name: String, _ through: CivilDate?, _ reader: inout FolderReader,
        _ log: inout ProblemLog
    ) -> BusinessCalendar? {
        guard let bytes = reader.bytes(path, Limits.icsByteCountMax, &log) else { return nil }
        do throws(TimetableError) {
            let calendar = try ICSCalendar.parse(bytes, zones: zones)
            return try calendar.businessCalendar(name: name, validThrough: through)
        } catch {
            Values.problem(error, SourcePlace(path), "", &log)
            return nil
        }
    }

    private func path(_ folder: String, _ name: String) -> String {
        folder.isEmpty ? name : "\(folder)/\(name)"
    }

    private static func isICS(_ name: String) -> Bool { name.hasSuffix(".ics") && name != ".ics" }

    private static func isData(_ name: String) -> Bool {
        [".json", ".yaml", ".yml"].contains { name.hasSuffix($0) && name != $0 }
    }
}

/// Reads one calendar as a configuration would, with those beside it that it is made of.
///
/// - Parameters:
///   - file: the path of a file such as `config/schedules/calendars/us.json`.
///   - zones: the zone data for iCalendar files.
///
/// The calendar is `nil` where one of the problems is an error that concerns it.
public func loadCalendar(
    file: String, zones: ZoneCatalog
) -> (calendar: CalendarDefinition?, problems: [ConfigurationProblem]) {
    let parts = file.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    var reader = FolderReader(folder: parts.count == 1 ? "." : folder.isEmpty ? "/" : folder)
    var log = ProblemLog()
    var files = CalendarFiles(zones: zones)
    let name = files.read(file: parts.last.map(String.init) ?? "", &reader, &log)
    let calendars = files.definitions(&log)
    return (name.flatMap { calendars[$0] }, log.sorted)
}
