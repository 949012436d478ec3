import Events

/// What settings must be beside each other, once file, overlay and environment were read.
enum SettingsCheck {
    /// Notes what does not fit.
    ///
    /// - Parameter folder: the configuration's.
    static func check(_ settings: Settings, folder: String, _ log: inout ProblemLog) {
        for (setting, name) in [
            ("checkpointKey", settings.checkpointKey), ("runRecordsKey", settings.runRecordsKey),
            ("exchangeKey", settings.exchangeKey), ("publishKey", settings.publishKey),
        ] { checkSecret(setting, name, settings, &log) }
        checkAddresses(settings, &log)
        checkFolders(settings, folder, &log)
        checkDays(settings, &log)
    }

    private static let place = SourcePlace("daybook.yaml")

    /// What a setting names is one of the secrets.
    private static func checkSecret(
        _ setting: String, _ name: String, _ settings: Settings, _ log: inout ProblemLog
    ) {
        let names = settings.secrets.map(\.name)
        guard !name.isEmpty, !names.contains(name) else { return }
        let hint = log.nearest(name, among: names)
        log.error(
            place, setting, "there is no secret \(shown(name))",
            hint.map { "did you mean \($0)?" } ?? "add it to secrets")
    }

    /// A collector has an address.
    private static func checkAddresses(_ settings: Settings, _ log: inout ProblemLog) {
        if settings.runRecords == "http", settings.runRecordsURL.isEmpty {
            log.error(
                place, "runRecordsURL",
                "run records go to a collector by http, and it has no address",
                "write for example https://collector.example.org/runs")
        }
    }

    /// The folders of runs and of exchanged files are none of those that the engine keeps for
    /// itself, not the configuration's, and not within each other. What lies in a data folder,
    /// absolute or by links, is known when an engine starts on it (`FolderPlaces`).
    private static func checkFolders(
        _ settings: Settings, _ own: String, _ log: inout ProblemLog
    ) {
        checkFolder("workFolder", settings.workFolder, "work", own, &log)
        checkFolder("exchangeFolder", settings.exchangeFolder, "exchange", own, &log)
        if !settings.publishFolder.isEmpty {
            checkFolder("publishFolder", settings.publishFolder, "outgoing", own, &log)
        }
        let parts = [settings.workFolder, settings.exchangeFolder].map { $0.split(separator: "/") }
        let isAbsolute = [settings.workFolder, settings.exchangeFolder].map { $0.hasPrefix("/") }
        if isAbsolute[0] == isAbsolute[1],
            parts[0].starts(with: parts[1]) || parts[1].starts(with: parts[0])
        {
            log.error(
                place, "exchangeFolder", "workFolder and exchangeFolder lie within each other",
                "choose two folders of their own")
        }
    }

    private static func checkFolder(
        _ setting: String, _ path: String, _ example: String, _ configuration: String,
        _ log: inout ProblemLog
    ) {
        if path.hasPrefix("/") {
            if FolderPlaces.overlap(FolderPlaces.parts(path), FolderPlaces.parts(configuration)) {
                log.error(
                    place, setting,
                    "\(shown(path)) and the configuration's folder lie within each other",
                    "choose a folder of its own")
            }
            return
        }
        let first = path.split(separator: "/").first.map(String.init) ?? ""
        if FolderPath.fault(path) == nil, !FolderPlaces.own.contains(first) { return }
        log.error(
            place, setting, "\(shown(path)) is no folder of its own within the data folder",
            "write a name such as \(example), or an absolute path")
    }

    /// Files are deleted after seven years at the earliest, and each age is after the one before.
    private static func checkDays(_ settings: Settings, _ log: inout ProblemLog) {
        if settings.archiveDays < settings.hotDays {
            log.error(
                place, "archiveDays",
                "files would be archived (\(settings.archiveDays) days) before they are cool "
                    + "(\(settings.hotDays))", "choose hotDays or more")
        }
        if settings.deleteDays == 0 { return }
        if settings.deleteDays < 2_557 {
            log.error(
                place, "deleteDays",
                "\(settings.deleteDays) days are less than the seven years that files are kept",
                "write 2557 or more, or 0 for never")
        } else if settings.deleteDays < settings.archiveDays {
            log.error(
                place, "deleteDays",
                "files would be deleted (\(settings.deleteDays) days) before they are archived "
                    + "(\(settings.archiveDays))", "choose archiveDays or more")
        }
    }
}
