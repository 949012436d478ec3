import Engine
import Events
import Projections

// The way of an order's files, once they are made:
//
//   1. those that did not pass are set aside: their bytes and the reasons are on disk before the
//      engine hears of it, and fails their numbers
//   2. the others come to their names, durably; the engine marks their numbers persisted
//   3. those who deliver them are told, and the engine is told that they were
//
// Whatever is not done when the program is killed, is done by a later run.
extension AssemblyTarget {
    /// Writes, records and publishes an order.
    func finish(
        _ batch: AssemblyBatch, _ scope: AssemblyScope, _ progress: AssemblyProgress
    ) async throws -> AssemblyReport {
        var report = AssemblyReport()
        do {
            try await finish(batch, scope, progress, &report)
        } catch let rejection as Rejection {
            report.ending = .refused(rejection.message)
        }
        return report
    }

    private func finish(
        _ batch: AssemblyBatch, _ scope: AssemblyScope, _ progress: AssemblyProgress,
        _ report: inout AssemblyReport
    ) async throws {
        var good: [AssembledFile] = []
        for prepared in batch.prepared {
            switch prepared {
            case .good(let file): good.append(file)
            case .nameless(let file, let error):
                try await fail(
                    file, step: "envelope", error, attempts: 1, isGivenUp: true, scope, progress,
                    &report)
            case .aside(let file, let reason, let findings, let name, let bytes):
                try await setAside(
                    AsideFile(
                        file: file, reason: reason, findings: findings, name: name, bytes: bytes),
                    scope, progress, &report)
            case .failed(let file, let step, let error, let attempts):
                try await fail(
                    file, step: step, error, attempts: attempts, scope, progress, &report)
            }
        }
        let written = try await write(good, scope, progress, &report)
        try await publish(batch.written, written, scope, progress, &report)
    }

    // MARK: writing

    /// Writes files; those that stand are persisted.
    private func write(
        _ files: [AssembledFile], _ scope: AssemblyScope, _ progress: AssemblyProgress,
        _ report: inout AssemblyReport
    ) async throws -> [AssembledFile] {
        if files.isEmpty { return [] }
        var standing: [AssembledFile] = []
        do throws(ExchangeError) {
            try await store(files)
            standing = files
        } catch let error where error.code == "exists" {
            for file in files {
                do throws(ExchangeError) {
                    standing.append(try await storeOrTake(file))
                } catch {
                    if error.isTransient { progress.isStorageFailing = true }
                    try await fail(
                        file.file, step: "write", error, attempts: attempts(of: error), scope,
                        progress, &report)
                }
            }
        } catch {
            progress.isStorageFailing = true
            for file in files {
                try await fail(
                    file.file, step: "write", error, attempts: attempts(of: error), scope,
                    progress, &report)
            }
            return []
        }
        return try await record(standing, scope)
    }

    private func attempts(of error: ExchangeError) -> Int {
        error.isTransient ? RetryPauses.storage.attempts : 1
    }

    private func store(_ files: [AssembledFile]) async throws(ExchangeError) {
        let pending = files.map(\.pending)
        _ = try await retrying(.storage, clock: clock) { () throws(ExchangeError) in
            try self.store.write(pending)
        }
    }

    /// Writes a file, or takes what stands under its name.
    private func storeOrTake(_ file: AssembledFile) async throws(ExchangeError) -> AssembledFile {
        do throws(ExchangeError) {
            try await store([file])
            return file
        } catch let error where error.code == "exists" {
            let bytes = try store.read(file.path, byteCountMax: Self.standingByteCountMax)
            guard let taken = try AssemblyWork.standing(file, bytes) else { throw error }
            // The same bytes again: what stands is synced. What stands beside it was of ours.
            try await store([taken])
            var metadata = taken.metadata
            metadata.fileSize = UInt64(taken.bytes.count)
            metadata.sha256 = taken.sha256
            try store.replaceMetadata(metadata, of: taken.path)
            return taken
        }
    }

    /// A file that stands under the name of one of ours has no more bytes than this.
    private static let standingByteCountMax = 1 << 30

    /// Tells the engine of files that stand; those that another attempt told of are left out.
    private func record(
        _ files: [AssembledFile], _ scope: AssemblyScope
    ) async throws -> [AssembledFile] {
        if files.isEmpty { return [] }
        do {
            _ = try await exchange(.written(files.map(\.written)), scope)
            return files
        } catch let rejection as Rejection where rejection.code == .conflict {
            var recorded: [AssembledFile] = []
            for file in files {
                do {
                    _ = try await exchange(.written([file.written]), scope)
                    recorded.append(file)
                } catch let rejection as Rejection where rejection.code == .conflict {
                    continue  // the attempt that took it over goes on with it
                }
            }
            return recorded
        }
    }

    // MARK: publishing

    private func publish(
        _ resumed: [OutboundFileState], _ written: [AssembledFile], _ scope: AssemblyScope,
        _ progress: AssemblyProgress, _ report: inout AssemblyReport
    ) async throws {
        var items: [(file: OutboundFileState, isNew: Bool)] = resumed.map { ($0, false) }
        for known in written {
            var file = known.file
            file.statusText = OutboundFileState.Status.assembled.rawValue
            file.path = known.path.text
            file.sha256 = known.sha256
            file.byteCount = UInt64(known.bytes.count)
            items.append((file, true))
        }
        if items.isEmpty { return }
        for item in items where item.isNew { report.noteCreated() }
        if progress.isPublishingFailing {
            for (file, _) in items {
                progress.leave(file.file)
                report.note(Self.entry(file, "assembled"))
            }
            return
        }
        let answers = await publisher.publish(
            items.map { PublicationMessage($0.file) }, clock: clock)
        var done: [UInt64: [OutboundFileState]] = [:]
        for (item, answer) in zip(items, answers) {
            switch answer {
            case .success(let attempts):
                done[attempts, default: []].append(item.file)
            case .failure(let error):
                try await fail(
                    item.file, step: "publish", error, attempts: publisher.attempts, scope,
                    progress, &report)
            }
        }
        if done.isEmpty { progress.isPublishingFailing = true }
        for (attempts, files) in done.sorted(by: { $0.key < $1.key }) {
            try await recordPublished(files, attempts: attempts, scope)
            for file in files { report.note(Self.entry(file, "published")) }
        }
    }

    private func recordPublished(
        _ files: [OutboundFileState], attempts: UInt64, _ scope: AssemblyScope
    ) async throws {
        let channel = publisher.channel
        do {
            _ = try await exchange(
                .published(files.map(\.file), channel: channel, attempts: attempts), scope)
        } catch let rejection as Rejection where rejection.code == .conflict {
            for file in files {
                do {
                    _ = try await exchange(
                        .published([file.file], channel: channel, attempts: attempts), scope)
                } catch let rejection as Rejection where rejection.code == .conflict {
                    continue  // another attempt told of it
                }
            }
        }
    }

    // MARK: what does not go well

    /// A file that is to be set aside.
    private struct AsideFile {
        let file: OutboundFileState
        let reason: String
        let findings: [String]
        let name: OutboundName
        let bytes: [UInt8]?
    }

    private func setAside(
        _ aside: AsideFile, _ scope: AssemblyScope, _ progress: AssemblyProgress,
        _ report: inout AssemblyReport
    ) async throws {
        let path: String
        do throws(ExchangeError) {
            path = try await quarantine(aside)
        } catch {
            progress.isStorageFailing = true
            return try await fail(
                aside.file, step: "write", error, attempts: attempts(of: error), scope, progress,
                &report)
        }
        do {
            _ = try await exchange(
                .setAside(
                    SetAsideFile(
                        file: aside.file.file, path: path, reason: aside.reason,
                        findings: aside.findings)), scope)
        } catch let rejection as Rejection where rejection.code == .conflict {
            return  // another attempt set it aside
        }
        var file = aside.file
        file.path = path
        report.note(Self.entry(file, "quarantined"))
    }

    /// Writes what there is of a file into quarantine, and beside it why; answers with its place.
    private func quarantine(_ aside: AsideFile) async throws(ExchangeError) -> String {
        let path = ExchangePath.outboundQuarantine(aside.name)
        let reasons = try ExchangePath(path.text + ".reason.json")
        var text = JSONText()
        text.member("file", json: String(aside.file.file))
        text.member("partner", text: aside.file.partner)
        text.member("type", text: aside.file.transactionType)
        text.member("reason", text: aside.reason)
        text.member(
            "findings",
            json: "[" + aside.findings.prefix(100).map(JSONText.quoted).joined(separator: ",")
                + "]")
        var pending = [
            PendingFile(
                path: reasons, content: Array(text.object.utf8) + [0x0A], metadata: nil,
                isPlain: true)
        ]
        if let bytes = aside.bytes {
            pending.append(PendingFile(path: path, content: bytes, metadata: nil))
        }
        for file in pending {
            do throws(ExchangeError) {
                _ = try await retrying(.storage, clock: clock) { () throws(ExchangeError) in
                    try self.store.write([file])
                }
            } catch let error where error.code == "exists" {
                continue  // an earlier attempt set it aside, in the words of another version
            }
        }
        return aside.bytes == nil ? reasons.text : path.text
    }

    /// Tells the engine that a step failed; the file keeps its numbers, and a later run goes on,
    /// unless it is given up.
    private func fail(
        _ file: OutboundFileState, step: String, _ error: ExchangeError, attempts: Int,
        isGivenUp: Bool = false, _ scope: AssemblyScope, _ progress: AssemblyProgress,
        _ report: inout AssemblyReport
    ) async throws {
        progress.leave(file.file)
        if Task.isCancelled {
            // It was not tried as often as it would have been.
            report.ending = .cancelled
            return report.note(Self.entry(file, file.statusText))
        }
        do {
            _ = try await exchange(
                .failed(
                    file: file.file, step: step, reason: error.message,
                    attempts: UInt64(attempts), isGivenUp: isGivenUp), scope)
        } catch let rejection as Rejection where rejection.code == .conflict {
            return  // another attempt finished it
        }
        report.noteFailure(
            Self.entry(file, file.status == .assembled ? "assembled" : "failed"),
            "file \(file.file), \(step): \(error.message)")
    }

    static func entry(_ file: OutboundFileState, _ status: String) -> AssemblyReport.File {
        AssemblyReport.File(
            file: file.file, partner: file.partner, type: file.transactionType, path: file.path,
            isa13: ControlNumberTexts(file).interchange, status: status)
    }
}
