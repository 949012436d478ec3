import Events

/// Where settings stand: in a file, or in the environment.
struct SettingPlaces {
    private var places: [String: SourcePlace] = [:]

    /// Where a setting stands; the file as a whole for one that has its default.
    subscript(_ setting: String) -> SourcePlace {
        get { places[setting] ?? SourcePlace("daybook.yaml") }
        set { places[setting] = newValue }
    }
}

/// What settings must be beside each other, once file, overlay and environment were read.
struct SettingsCheck {
    let settings: Settings
    let places: SettingPlaces
    /// The configuration's.
    let folder: String

    /// Notes what does not fit.
    func check(_ log: inout ProblemLog) {
        for (setting, name) in [
            ("checkpointKey", settings.checkpointKey), ("runRecordsKey", settings.runRecordsKey),
            ("exchangeKey", settings.exchangeKey), ("publishKey", settings.publishKey),
        ] { checkSecret(setting, name, &log) }
        checkAddresses(&log)
        checkFolders(&log)
        checkDays(&log)
    }

    /// What a setting names is one of the secrets.
    private func checkSecret(_ setting: String, _ name: String, _ log: inout ProblemLog) {
        let names = settings.secrets.map(\.name)
        guard !name.isEmpty, !names.contains(name) else { return }
        let hint = log.nearest(name, among: names)
        log.error(
            places[setting], setting, "there is no secret \(shown(name))",
            hint.map { "did you mean \($0)?" } ?? "add it to secrets")
    }

    /// A collector has an address.
    private func checkAddresses(_ log: inout ProblemLog) {
        if settings.runRecords == "http", settings.runRecordsURL.isEmpty {
            log.error(
                places["runRecords"], "runRecordsURL",
                "run records go to a collector by http, and it has no address",
                "write for example https://collector.example.org/runs")
        }
    }

    /// The folders of runs and of exchanged files are none of those that the engine keeps for
    /// itself, not the configuration's, and not within each other.
    ///
    /// What lies in a data folder, absolute or by links, is known when an engine starts on it
    /// (`FolderPlaces`).
    private func checkFolders(_ log: inout ProblemLog) {
        checkFolder("workFolder", settings.workFolder, "work", &log)
        checkFolder("exchangeFolder", settings.exchangeFolder, "exchange", &log)
        if !settings.publishFolder.isEmpty {
            checkFolder("publishFolder", settings.publishFolder, "outgoing", &log)
        }
        let parts = [settings.workFolder, settings.exchangeFolder].map { $0.split(separator: "/") }
        let isAbsolute = [settings.workFolder, settings.exchangeFolder].map { $0.hasPrefix("/") }
        if isAbsolute[0] == isAbsolute[1],
            parts[0].starts(with: parts[1]) || parts[1].starts(with: parts[0])
        {
            log.error(
                places["exchangeFolder"], "exchangeFolder",
                "workFolder and exchangeFolder lie within each other",
                "choose two folders of their own")
        }
    }

    private func checkFolder(
        _ setting: String, _ path: String, _ example: String, _ log: inout ProblemLog
    ) {
        if path.hasPrefix("/") {
            if FolderPlaces.overlap(FolderPlaces.parts(path), FolderPlaces.parts(folder)) {
                log.error(
                    places[setting], setting,
                    "\(shown(path)) and the configuration's folder lie within each other",
                    "choose a folder of its own")
            }
            return
        }
        let first = path.split(separator: "/").first.map(String.init) ?? ""
        if FolderPath.fault(path) == nil, !FolderPlaces.own.contains(first) { return }
        log.error(
            places[setting], setting,
            "\(shown(path)) is no folder of its own within the data folder",
            "write a name such as \(example), or an absolute path")
    }

    /// Files are deleted after seven years at the earliest, and each age is after the one before.
    private func checkDays(_ log: inout ProblemLog) {
        if settings.archiveDays < settings.hotDays {
            log.error(
                places["archiveDays"], "archiveDays",
                "files would be archived (\(settings.archiveDays) days) before they are cool "
                    + "(\(settings.hotDays))", "choose hotDays or more")
        }
        if settings.deleteDays == 0 { return }
        if settings.deleteDays < 2_557 {
            log.error(
                places["deleteDays"], "deleteDays",
                "\(settings.deleteDays) days are less than the seven years that files are kept",
                "write 2557 or more, or 0 for never")
        } else if settings.deleteDays < settings.archiveDays {
            log.error(
                places["deleteDays"], "deleteDays",
                "files would be deleted (\(settings.deleteDays) days) before they are archived "
                    + "(\(settings.archiveDays))", "choose archiveDays or more")
        }
    }
}
