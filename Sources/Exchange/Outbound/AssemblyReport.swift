import Engine
import Events

/// What a run of assembly did.
package struct AssemblyReport: Sendable {
    /// A file of it.
    package struct File: Sendable, Equatable {
        /// Its id.
        package var file: UInt64
        /// The partner.
        package var partner: String
        /// The type.
        package var type: String
        /// Where it stands, below the exchange folder; empty where it does not.
        package var path: String
        /// ISA13, as the file has it.
        package var isa13: String
        /// `published`, `assembled`, `quarantined` or `failed`.
        package var status: String
    }

    /// Files that were begun by this run or an earlier one, the first of them.
    package private(set) var files: [File] = []
    /// How many files there were.
    package private(set) var fileCount = 0
    /// How many of them this run wrote.
    package private(set) var createdCount = 0
    /// How many were set aside.
    package private(set) var asideCount = 0
    /// Files that could not be finished, which a later run goes on with.
    package private(set) var failed: Set<UInt64> = []
    /// The first reason of those.
    package private(set) var failure = ""
    /// Partners and types without control numbers left, as `PARTNER TYPE`.
    package var exhausted: Set<String> = []
    /// What ended the run before everything was looked at; nil where nothing did.
    package var ending: Ending?

    /// Why a run ended early.
    package enum Ending: Sendable, Equatable {
        /// It was cancelled, or the engine stops.
        case cancelled
        /// It took longer than an attempt may.
        case timeout
        /// The engine refused to go on.
        case refused(String)
    }

    /// So many files are listed.
    static let filesMax = 100
    /// A result may have 16 KiB.
    static let byteCountMax = 15 << 10

    /// Notes that this run wrote a file.
    mutating func noteCreated() { createdCount += 1 }

    /// Notes what became of a file.
    mutating func note(_ file: File) {
        fileCount += 1
        asideCount += file.status == "quarantined" ? 1 : 0
        if files.count < Self.filesMax { files.append(file) }
    }

    /// Notes that a file could not be finished.
    mutating func noteFailure(_ file: File, _ reason: String) {
        note(file)
        failed.insert(file.file)
        if failure.isEmpty { failure = reason }
    }

    /// Adds what another part of the run did.
    mutating func add(_ other: AssemblyReport) {
        files += other.files.prefix(Self.filesMax - files.count)
        fileCount += other.fileCount
        createdCount += other.createdCount
        asideCount += other.asideCount
        failed.formUnion(other.failed)
        if failure.isEmpty { failure = other.failure }
        exhausted.formUnion(other.exhausted)
        ending = ending ?? other.ending
    }

    /// `SUCCESS`, `NO_DATA`, `FAILED` or `ROLLOVER_REQUIRED`.
    package var status: String {
        if ending != nil || !failed.isEmpty { return "FAILED" }
        if !exhausted.isEmpty { return "ROLLOVER_REQUIRED" }
        return fileCount == 0 ? "NO_DATA" : "SUCCESS"
    }

    /// The class of its failure; nil for a success.
    package var failureClass: String? {
        switch ending {
        case .cancelled?: TargetFailureClass.cancelled
        case .timeout?: TargetFailureClass.timeout
        default: ["FAILED", "ROLLOVER_REQUIRED"].contains(status) ? status : nil
        }
    }

    /// The run's result, of at most `byteCountMax` bytes: the files that have room in it.
    package var json: String {
        var listed: [String] = []
        var byteCount = 200
        for file in files {
            var text = JSONText()
            text.member("file", json: String(file.file))
            text.member("partner", text: file.partner)
            text.member("type", text: file.type)
            text.member("path", text: file.path)
            text.member("isa13", text: file.isa13)
            text.member("status", text: file.status)
            byteCount += text.object.utf8.count + 1
            guard byteCount <= Self.byteCountMax else { break }
            listed.append(text.object)
        }
        var text = JSONText()
        text.member("status", text: status)
        text.member("filesCreated", json: String(createdCount))
        text.member("filesSetAside", json: String(asideCount))
        text.member("files", json: "[" + listed.joined(separator: ",") + "]")
        return text.object
    }

    /// What went wrong, in a sentence: how much was done, and what to do.
    package var message: String {
        let done = "\(Counted.were(createdCount, "file")) written"
        switch ending {
        case .cancelled?:
            return done
                + "; then the run was cancelled, or the engine stopped: the next one goes on."
        case .timeout?: return done + "; then the time of an attempt was over: the next goes on."
        case .refused(let message)?: return done + "; then the engine refused: \(message)"
        case nil: break
        }
        if !failed.isEmpty {
            return done
                + "; \(failed.count) could not be finished, with numbers kept: \(failure)"
        }
        let names = exhausted.sorted()
        let more = names.count > 10 ? " and \(names.count - 10) more" : ""
        return done + "; there are no control numbers left for "
            + names.prefix(10).joined(separator: ", ") + more
            + ": look at daybook control, and begin a generation."
    }
}
