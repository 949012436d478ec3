import Events
import Foundation
import Timetable

/// A configuration folder that was read without an error.
public struct ConfigurationSet: Sendable {
    /// What `daybook.yaml` and the environment say.
    public var settings: Settings
    /// The schedules, sorted by jobId as UTF-8 bytes, each whole.
    public var definitions: [ScheduleDefinition]
    /// The business calendars, sorted by name.
    public var calendars: [CalendarDefinition]
    /// The blackouts, sorted by name.
    public var blackouts: [BlackoutDefinition]
    /// The trading partners, sorted by name, each whole.
    public var partners: [PartnerDefinition]
    /// What `contacts.yaml` says: the contacts, and how they are written to.
    public var contactsFile: ContactsFile
    /// The contacts, sorted by name.
    public var contacts: [Contact] { contactsFile.contacts }
    /// What it gives to schedules that do not stand in it.
    public var names: ScheduleNames
    /// Where each schedule stands, `FILE:LINE` by jobId.
    public var places: [String: String]
    /// What a person should look at; nothing of it stops the configuration.
    public var warnings: [ConfigurationProblem]
    /// Where the folder comes from.
    public var provenance: Provenance
}

/// What came of reading a configuration folder.
public struct LoadResult: Sendable {
    /// Everything that was found, by file and line.
    public var problems: [ConfigurationProblem]
    /// The configuration; `nil` where one of the problems is an error.
    public var set: ConfigurationSet?
}

/// Reads a configuration folder: all of its files, all of its problems, in one pass.
///
/// Reads files and asks git; changes nothing. Blocks for as long as that takes, which is bounded:
/// files, depth and size have limits, and git has five seconds for each of three questions.
///
/// - Parameters:
///   - folder: the path of `config/`.
///   - environmentName: the overlay to apply; `nil` leaves it to `DAYBOOK_ENVIRONMENT`, and that
///     to `daybook.yaml`.
///   - zones: the zone data that names are checked against.
///   - processEnvironment: the variables of the process, for settings.
public func loadConfiguration(
    folder: String, environmentName: String?, zones: ZoneCatalog,
    processEnvironment: [String: String]
) -> LoadResult {
    var loader = ConfigurationLoader(folder: folder, zones: zones)
    return loader.load(environmentName, processEnvironment)
}

/// The steps of `loadConfiguration`, and what they share.
private struct ConfigurationLoader {
    private var reader: FolderReader
    private let zones: ZoneCatalog
    private var log = ProblemLog()
    private var settings = Settings()
    private var settingPlaces = SettingPlaces()
    private var targets: [String: TargetEntry] = [:]
    private var contacts: ContactsFile?
    private var calendarFiles: CalendarFiles
    private var calendars: [CalendarDefinition] = []
    private var blackouts: [String: BlackoutsReader.Read] = [:]
    private var schedules = ScheduleFiles()
    private var overrides: [SourceNode] = []
    private var jobTypes = JobTypesReader()
    private var partnerFiles = PartnerFiles()
    private var places: [String: String] = [:]
    private var idsByPipeline: [String: [String]] = [:]
    /// The files of lists/ by name, each with where it stands.
    private var lists: [String: SourceNode] = [:]

    init(folder: String, zones: ZoneCatalog) {
        reader = FolderReader(folder: folder)
        self.zones = zones
        calendarFiles = CalendarFiles(zones: zones)
    }

    mutating func load(
        _ environmentName: String?, _ environment: [String: String]
    ) -> LoadResult {
        guard reader.kind("") == .folder else {
            log.error(
                SourcePlace(""), "", "\(shown(reader.folder)) is not a folder that can be read",
                "give the configuration's folder, or make one with: daybook init DIR")
            return LoadResult(problems: log.sorted, set: nil)
        }
        readSettings("")
        if let name = environmentName ?? environment["DAYBOOK_ENVIRONMENT"] {
            settings.environment = name
        }
        let overlay = overlayPrefix()
        if let overlay { readSettings(overlay) }
        SettingsReader(zones: zones).read(
            environment: environment, into: &settings, &settingPlaces, &log)
        if let environmentName { settings.environment = environmentName }
        SettingsCheck(settings: settings, places: settingPlaces, folder: reader.folder)
            .check(&log)
        readLayer("", isOverlay: false)
        if let overlay { readLayer(overlay, isOverlay: true) }
        for node in overrides { schedules.override(node, &log) }
        calendars = calendarFiles.definitions(&log).values.sorted { precedes($0.name, $1.name) }
        let definitions = readJobs()
        let partners = partnerFiles.definitions(
            settings: settings, contacts: contacts?.contacts.map(\.name), &log)
        ExchangeTargetReader.check(targets, partners, &log)
        BlackoutsReader.warn(
            blackouts.values.sorted { precedes($0.definition.name, $1.definition.name) },
            definitions: definitions, &log)
        return result(definitions, partners, environment)
    }

    private mutating func result(
        _ definitions: [ScheduleDefinition], _ partners: [PartnerDefinition],
        _ environment: [String: String]
    ) -> LoadResult {
        let problems = log.sorted
        if log.hasErrors { return LoadResult(problems: problems, set: nil) }
        let provenance = Provenance.of(folder: reader.folder, processEnvironment: environment)
        let set = ConfigurationSet(
            settings: settings, definitions: definitions,
            calendars: calendars,
            blackouts: blackouts.values.map(\.definition).sorted { precedes($0.name, $1.name) },
            partners: partners, contactsFile: contacts ?? ContactsFile(),
            names: ScheduleNames(
                zones: zones, settings: settings, targets: targets, calendars: calendars,
                contacts: contacts?.contacts, jobTypes: jobTypes, idsByPipeline: idsByPipeline),
            places: places, warnings: problems, provenance: provenance)
        return LoadResult(problems: problems, set: set)
    }

    // MARK: Layers

    /// The overlay's folder with a slash; `nil` where none is chosen, or the choice is an error.
    private mutating func overlayPrefix() -> String? {
        if settings.environment.isEmpty { return nil }
        let names = reader.names(in: "environments", &log)
        // A name that is in the listing cannot lead out of the folder.
        if names.contains(settings.environment) { return "environments/\(settings.environment)/" }
        let hint = log.nearest(settings.environment, among: names)
        log.error(
            SourcePlace("environments"), "environment",
            "there is no overlay \(shown(settings.environment))",
            hint.map { "did you mean \($0)?" }
                ?? "make the folder environments/NAME, or choose no environment")
        return nil
    }

    /// Who hears of alerts and escalations is one of the contacts.
    private mutating func checkContactSettings() {
        let names = (contacts?.contacts ?? []).map(\.name)
        for (field, name) in [
            ("alertContact", settings.alertContact),
            ("escalationContact", settings.escalationContact),
        ] where !name.isEmpty && !names.contains(name) {
            let hint = log.nearest(name, among: names)
            log.error(
                SourcePlace("daybook.yaml"), field,
                "contacts.yaml does not say who \(shown(name)) is",
                hint.map { "did you mean \($0)?" } ?? "add it under contacts:")
        }
    }

    private mutating func readSettings(_ prefix: String) {
        let path = prefix + "daybook.yaml"
        guard reader.kind(path) != .missing else {
            // In the base one file at least must show that this is a configuration.
            if prefix.isEmpty, reader.kind("schedules") == .missing,
                reader.kind("partners") == .missing
            {
                log.error(
                    SourcePlace(path), "", "there is no daybook.yaml, schedules/ or partners/",
                    "give the configuration's folder (config), or make one with: daybook init DIR")
            }
            return
        }
        guard let node = reader.tree(path, &log) else { return }
        SecretScan.scan(node, "", &log)
        if !prefix.isEmpty, let inner = node["environment"] {
            log.error(
                inner.place, "environment", "an overlay cannot choose the overlay", "remove it")
            return
        }
        SettingsReader(zones: zones).read(node, into: &settings, &settingPlaces, &log)
    }

    private mutating func readLayer(_ prefix: String, isOverlay: Bool) {
        warnOfUnknownFiles(prefix, isOverlay: isOverlay)
        let secrets = settings.secrets.map(\.name)
        if reader.kind(prefix + "targets.yaml") != .missing,
            let node = reader.tree(prefix + "targets.yaml", &log)
        {
            SecretScan.scan(node, "", &log)
            TargetsReader.read(node, secrets: secrets, into: &targets, &log)
        }
        if reader.kind(prefix + "contacts.yaml") != .missing {
            var known = contacts ?? ContactsFile()
            if let node = reader.tree(prefix + "contacts.yaml", &log) {
                SecretScan.scan(node, "", &log)
                ContactsReader.read(node, secrets: secrets, into: &known, &log)
            }
            contacts = known
        }
        for name in reader.names(in: prefix + "jobs", &log) where Self.isData(name) {
            guard let node = reader.tree(prefix + "jobs/" + name, &log) else { continue }
            SecretScan.scan(node, "", &log)
            jobTypes.read(node, &log)
        }
        for name in reader.names(in: prefix + "lists", &log) {
            let node = ElementLists.read(prefix + "lists/" + name, &reader, &log)
            guard let node else { continue }
            SecretScan.scan(node, "", &log)
            lists[name] = node
        }
        for name in reader.names(in: prefix + "partners", &log) {
            readPartnerFile(prefix + "partners/" + name, isOverlay: isOverlay)
        }
        calendarFiles.read(prefix + "schedules/calendars", &reader, &log)
        for name in reader.names(in: prefix + "schedules", &log) {
            readScheduleFile(prefix + "schedules/", name, isOverlay: isOverlay)
        }
    }

    private mutating func readPartnerFile(_ path: String, isOverlay: Bool) {
        guard Self.isData(path), reader.kind(path) != .folder else {
            log.warning(
                SourcePlace(path), "", "this is not read",
                "partners stand in partners/*.json, *.yaml and *.yml, without subfolders")
            return
        }
        guard let node = reader.tree(path, &log) else { return }
        SecretScan.scan(node, "", &log)
        partnerFiles.add(node, isOverlay: isOverlay, &log)
    }

    private mutating func readScheduleFile(_ folder: String, _ name: String, isOverlay: Bool) {
        let path = folder + name
        if name == "calendars" { return }
        guard Self.isData(name), reader.kind(path) != .folder else {
            log.warning(
                SourcePlace(path), "", "this is not read",
                "schedules stand in schedules/*.json, *.yaml and *.yml, without subfolders")
            return
        }
        guard let node = reader.tree(path, &log) else { return }
        SecretScan.scan(node, "", &log)
        if name.hasPrefix("blackouts.") { return readBlackouts(node, folder) }
        schedules.add(node, isOverlay: isOverlay, &log)
        if isOverlay { overrides.append(node) }
    }

    private mutating func readBlackouts(_ node: SourceNode, _ folder: String) {
        for read in BlackoutsReader(zones: zones, settings: settings).read(node, &log) {
            let name = read.definition.name
            if let first = blackouts[name], first.place.file.hasPrefix(folder) {
                log.error(
                    read.place, "\(read.path).name",
                    "the blackout \(shown(name)) stands twice, first in \(first.place.short)",
                    "rename one of the two")
            }
            blackouts[name] = read
        }
    }

    private mutating func readJobs() -> [ScheduleDefinition] {
        let jobReader = JobReader(zones: zones, settings: settings)
        var jobs: [Job] = []
        jobs.reserveCapacity(schedules.jobs.count)
        var fanOut = FanOut(lists: lists)
        for raw in schedules.jobs {
            let node = jobTypes.completed(raw.node, raw.path, &log)
            for one in fanOut.expanded(node, raw.path, &log) where jobs.count <= Limits.jobCountMax
            {
                guard let job = jobReader.read(one.node, raw.path, element: one.element, &log)
                else { continue }
                jobs.append(job)
                let jobId = job.definition.jobId
                // Not that of its job type, which a merged one has.
                places[jobId] = raw.node.place.short
                idsByPipeline[job.targetName.name, default: []].append(jobId)
            }
        }
        checkFanOut(jobs, fanOut)
        if let contacts { ContactsReader.check(contacts, &log) }
        checkContactSettings()
        let linker = Linker(
            targets: targets, calendars: calendars, contacts: contacts?.contacts,
            limits: jobTypes.limits)
        return linker.link(jobs, &log)
    }

    /// Lists are of use to somebody, and all schedules together are not too many.
    private mutating func checkFanOut(_ jobs: [Job], _ fanOut: FanOut) {
        if jobs.count > Limits.jobCountMax, let last = jobs.last {
            log.error(
                last.place, last.path,
                "with their elements there are more than \(Limits.jobCountMax) schedules",
                "leave some to the API")
        }
        for (name, node) in lists.sorted(by: { precedes($0.key, $1.key) })
        where !fanOut.used.contains(name) {
            log.warning(
                SourcePlace(node.place.file), "", "no schedule names this list",
                "name it under forEach: with file, or remove it")
        }
    }

    // MARK: What is not read

    private static func isData(_ name: String) -> Bool {
        [".json", ".yaml", ".yml"].contains { name.hasSuffix($0) && name != $0 }
    }

    private mutating func warnOfUnknownFiles(_ prefix: String, isOverlay: Bool) {
        var known = [
            "daybook.yaml", "schedules", "jobs", "lists", "partners", "targets.yaml",
            "contacts.yaml",
        ]
        if !isOverlay { known += ["environments", "schemas"] }
        for name in reader.names(in: prefix.isEmpty ? "" : String(prefix.dropLast()), &log)
        where !known.contains(name) && !name.uppercased().hasPrefix("README") {
            let isLater = name == "tenants"
            let hint = log.nearest(name, among: known)
            log.warning(
                SourcePlace(prefix + name), "",
                isLater ? "this version does not read \(name)/" : "this is not read",
                hint.map { "did you mean \($0)?" }
                    ?? (isLater
                        ? "nothing in it takes effect yet" : "remove it, if nobody needs it"))
        }
    }
}
