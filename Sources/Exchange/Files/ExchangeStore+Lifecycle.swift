import Events
import Timetable

extension ExchangeStore {
    /// The plan of one pass over the folder: at most `countMax` files.
    ///
    /// `inbound/` and `spool/` are not looked into. A folder that says its day is opened only where
    /// something is to become of files of that day.
    /// - Complexity: O(folders + files of the plan); it blocks.
    public func lifecyclePlan(
        settings: LifecycleSettings, holds: [LegalHold], today: CivilDate, countMax: Int
    ) throws(ExchangeError) -> LifecyclePlan {
        var search = LifecycleSearch(
            settings: settings, holds: holds, today: today, countMax: countMax)
        try search.look(in: self, nil, depth: 0)
        return search.plan
    }

    /// Carries a plan out, file by file, each with its sidecar.
    ///
    /// Before a file is moved or deleted, `report` is given the fact of it, and must have made it
    /// durable when it answers true: so no file is ever gone that the record does not say so of. It
    /// answers false, and records nothing, where a hold covers the file by now; then that stays as
    /// it is. A kill between the two leaves the file; the next pass reports the same fact again and
    /// goes on. Until then a reader finds the file all the same, for `open` looks in every tier. An
    /// error of `report` ends the pass; one of a file does not.
    /// - Parameter run: the run that does it, for the facts; 0 for none.
    public func carryOut(
        _ plan: LifecyclePlan, run: UInt64, isolation: isolated (any Actor)? = #isolation,
        report: (FileMoved) async throws -> Bool
    ) async throws -> LifecycleReport {
        var result = LifecycleReport()
        var folders: Set<ExchangePath> = []
        for item in plan.items {
            let fact: FileMoved
            do throws(ExchangeError) {
                guard let found = try self.fact(of: item, run: run) else { continue }
                fact = found
            } catch {
                result.add(error)
                continue
            }
            guard try await report(fact) else {
                result.heldCount += 1
                continue
            }
            do throws(ExchangeError) {
                try carryOut(item)
                if item.act == .delete { result.deletedCount += 1 } else { result.movedCount += 1 }
                if let folder = item.path.folder { folders.insert(folder) }
            } catch {
                result.add(error)
            }
        }
        for folder in folders.sorted() {
            do throws(ExchangeError) {
                _ = try removeEmptyFolder(folder)
            } catch {
                result.add(error)
            }
        }
        return result
    }

    /// The fact of an item; nil where the file is not there any more.
    private func fact(of item: LifecycleItem, run: UInt64) throws(ExchangeError) -> FileMoved? {
        guard try exists(item.path) else { return nil }
        let (sha256, byteCount) = try sha256(item.path)
        var fact = FileMoved()
        fact.path = item.path.text
        switch item.act {
        case .move(let tier):
            fact.tier = tier.rawValue
            fact.newPath = item.path.inTier(tier).text
        case .delete:
            fact.tier = "deleted"
        }
        fact.sha256 = sha256
        fact.byteCount = UInt64(byteCount)
        fact.run = run
        return fact
    }

    /// Moves or deletes a file, its sidecar first, so that a kill leaves a file that the next pass
    /// finds.
    ///
    /// A sidecar that a kill left alone in another tier counts as a file there.
    private func carryOut(_ item: LifecycleItem) throws(ExchangeError) {
        switch item.act {
        case .move(let tier):
            try moveWithMetadata(item.path, to: item.path.inTier(tier))
        case .delete:
            if try exists(item.path.sidecar) { _ = try remove(item.path.sidecar) }
            _ = try remove(item.path)
        }
    }
}

extension LifecycleReport {
    fileprivate mutating func add(_ error: ExchangeError) {
        failedCount += 1
        if failures.count < Self.failuresMax { failures.append(error.message) }
    }
}

/// Looks for the files of a plan.
private struct LifecycleSearch {
    let settings: LifecycleSettings
    let holds: [LegalHold]
    let today: CivilDate
    let countMax: Int
    var plan = LifecyclePlan()

    /// More names than any folder of a day has; what is beyond is for the next pass.
    private static let namesMax = 1_000_000

    mutating func look(
        in store: ExchangeStore, _ folder: ExchangePath?, depth: Int
    ) throws(ExchangeError) {
        let listing = try store.list(folder, countMax: Self.namesMax)
        if !listing.isWhole { plan.isWhole = false }
        let files = Set(listing.entries.lazy.filter { !$0.isFolder }.map(\.path))
        for entry in listing.entries {
            if entry.isFolder {
                guard !entry.path.isDropped, depth < ExchangePath.depthMax,
                    isWorthALook(entry.path)
                else { continue }
                try look(in: store, entry.path, depth: depth + 1)
            } else if !isSidecar(entry.path, of: files), let act = act(entry.path) {
                guard plan.items.count < countMax else {
                    plan.isWhole = false
                    return
                }
                plan.items.append(LifecycleItem(path: entry.path, act: act))
            }
            if !plan.isWhole && plan.items.count >= countMax { return }
        }
    }

    /// A folder without a day may have one below.
    private func isWorthALook(_ folder: ExchangePath) -> Bool {
        folder.date == nil || act(folder) != nil
    }

    private func act(_ path: ExchangePath) -> Lifecycle.Act? {
        Lifecycle.act(for: path, settings: settings, holds: holds, today: today)
    }

    /// A sidecar goes with its file; one that is alone counts as a file.
    private func isSidecar(_ path: ExchangePath, of files: Set<ExchangePath>) -> Bool {
        guard path.name.utf8.count > ExchangePath.sidecarSuffix.utf8.count,
            path.name.hasSuffix(ExchangePath.sidecarSuffix),
            let file = try? ExchangePath(
                String(path.text.dropLast(ExchangePath.sidecarSuffix.count)))
        else { return false }
        return files.contains(file)
    }
}
