import EventLog
import Events

/// Writes the immutable summary of a day.
public struct Exporter: Sendable {
    /// The number of the format (docs/format/export.md).
    public static let formatNumber = 1

    /// The log.
    public let folder: DataFolder
    /// The folder that exports go to.
    public let out: String
    /// What that folder lies on.
    public let outDisk: any Disk

    /// An exporter from a log to a folder, which is made where it is missing.
    public init(_ folder: DataFolder, out: String, outDisk: any Disk = RealDisk()) {
        self.folder = folder
        self.out = out
        self.outDisk = outDisk
    }

    /// Writes `metadata/scheduler/YYYY/MM/DD/` with `runs.jsonl`, `summary.json` and, last,
    /// `manifest.json`.
    ///
    /// A day is the records whose event time falls in it; a run belongs to the day of its terminal
    /// event. The same log gives the same bytes. Files are made aside, synced and renamed; none is
    /// ever overwritten: where all are there with the same bytes, nothing changes.
    ///
    /// A day is over when the log holds an event after it. With `allowOpenDay`, one that is not is
    /// written to `DD.incomplete-SEQUENCE/`, named by its last sequence, with `"complete":false`,
    /// so that it stands in the way of no later export.
    ///
    /// - Throws: `dayOpen`, `wouldOverwrite`, `notFound` where the log begins after the day, `log`,
    ///   `unknownEventType`, `notApplicable`, `output`.
    /// - Complexity: O(bytes of the log to the end of the day); memory for the state and open runs.
    public func export(
        day: UTCDay, allowOpenDay: Bool = false
    ) throws(ReplayError) -> ExportResult {
        let files: ExportFolder
        do throws(DiskError) { files = try ExportFolder(out, outDisk) } catch {
            throw .output(error)
        }
        let result: ExportResult
        do throws(ReplayError) {
            result = try write(day, allowOpenDay, files)
        } catch {
            // The first failure is the one to tell; what is left is removed by the next export.
            do { try files.removeTemporaryFiles() } catch {}
            throw error
        }
        do throws(DiskError) { try files.removeTemporaryFiles() } catch { throw .output(error) }
        return result
    }

    private func write(
        _ day: UTCDay, _ allowOpenDay: Bool, _ files: ExportFolder
    ) throws(ReplayError) -> ExportResult {
        var reader = try folder.reader()
        let log = reader.identity
        var fold: DayFold
        do throws(DiskError) { fold = try DayFold(day, files) } catch { throw .output(error) }
        _ = try LogScan.run(&reader, from: 0) { (sequence, bytes) throws(ReplayError) in
            try fold.take(sequence, bytes)
        }
        guard fold.isComplete || allowOpenDay else {
            throw ReplayError(
                .dayOpen,
                "\(day) is not over: the log holds no event after it. Export it when the engine "
                    + "has run into the next day (UTC), or take it as it is: --allow-open-day.")
        }
        let place = folderName(day, fold)
        let made: [(name: String, file: OutputFile)]
        do throws(DiskError) {
            try fold.runs.finish()
            let summary = try fold.summary(log: log)
            var listed = [("runs.jsonl", fold.runs), ("summary.json", summary)]
            let manifest = try self.manifest(fold, log, listed, files)
            listed.append(("manifest.json", manifest))
            made = listed
        } catch {
            throw .output(error)
        }
        let known = try files.install(made, in: place)
        return ExportResult(
            day: day, folder: "\(out)/\(place)", isComplete: fold.isComplete,
            isEngineRunning: folder.isEngineRunning,
            files: zip(made, known).map { one, wasThere in
                ExportResult.File(
                    name: one.name, byteCount: one.file.byteCount, sha256: one.file.sha256,
                    wasThere: wasThere)
            })
    }

    private func folderName(_ day: UTCDay, _ fold: DayFold) -> String {
        let parts = day.description.split(separator: "-").joined(separator: "/")
        let whole = "metadata/scheduler/\(parts)"
        if fold.isComplete { return whole }
        let digits = String(fold.lastSequence ?? 0)
        return "\(whole).incomplete-" + String(repeating: "0", count: 20 - digits.utf8.count)
            + digits
    }

    private func manifest(
        _ fold: DayFold, _ log: LogIdentity, _ listed: [(String, OutputFile)],
        _ files: ExportFolder
    ) throws(DiskError) -> OutputFile {
        let items = listed.map { name, file in
            var item = JSONText()
            item.member("name", text: name)
            item.member("bytes", json: String(file.byteCount))
            item.member("sha256", text: file.sha256)
            return item.object
        }
        let first = fold.firstSequence.map { String($0) } ?? "null"
        let last = fold.firstSequence == nil ? nil : fold.lastSequence
        let before = fold.previousSequence.map { String($0) } ?? "null"
        let file = try files.file("manifest.json")
        try file.append("{\n\"format\":\(Self.formatNumber),\n\"day\":\"\(fold.day)\",\n")
        try file.append("\"complete\":\(fold.isComplete),\n\"logIdentity\":\"\(log)\",\n")
        try file.append("\"firstSequence\":\(first),\n")
        try file.append("\"lastSequence\":\(last.map { String($0) } ?? "null"),\n")
        try file.append("\"previousLastSequence\":\(before),\n")
        try file.append("\"files\":[\n\(items.joined(separator: ",\n"))\n]\n}\n")
        try file.finish()
        return file
    }
}

/// What an export wrote.
public struct ExportResult: Sendable {
    /// A file of the export.
    public struct File: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its size.
        public let byteCount: Int
        /// Its SHA-256, hex.
        public let sha256: String
        /// Whether the same bytes were there before.
        public let wasThere: Bool
    }

    /// The day.
    public let day: UTCDay
    /// The folder that holds the files.
    public let folder: String
    /// Whether the day was over.
    public let isComplete: Bool
    /// Whether an engine was running, so that only what was proved durable was read.
    public let isEngineRunning: Bool
    /// The files, the manifest last.
    public let files: [File]

    /// The result as one JSON object.
    public var json: String {
        var text = JSONText()
        text.member("day", text: day.description)
        text.member("folder", text: folder)
        text.member("complete", json: "\(isComplete)")
        text.member("engineRunning", json: "\(isEngineRunning)")
        let items = files.map { file in
            var item = JSONText()
            item.member("name", text: file.name)
            item.member("bytes", json: String(file.byteCount))
            item.member("sha256", text: file.sha256)
            item.member("wasThere", json: "\(file.wasThere)")
            return item.object
        }
        text.member("files", json: "[" + items.joined(separator: ",") + "]")
        return text.object
    }
}
