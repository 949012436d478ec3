import Engine
import Events
import Projections
import Timetable
import X12

/// The daily look for duplicates that receipt did not see: the files of the last 24 hours below
/// `received/` are compared with what the engine knows, and with older files.
///
/// Receipt misses a duplicate whose key had expired (`duplicateDays`), and a file that somebody put
/// there by hand.
struct DuplicateSweep: Sendable {
    let engine: any ExchangeEngine
    let store: ExchangeStore
    let now: @Sendable () -> Int64

    private static let day: Int64 = 86_400_000_000
    /// More names are not looked at in one folder.
    private static let filesMax = 100_000
    /// More sidecars of older files are not read for one partner.
    private static let sidecarsMax = 50_000
    /// More bytes of older files, whose sidecars do not say what was accepted, are not read for one
    /// partner.
    private static let olderByteCountMax = 1 << 30
    /// So many keys are asked for at once.
    private static let keysMax = 1_000

    /// A kept file.
    private struct Kept: Sendable {
        let sha256: String
        /// Its number; 0 where none is known: it was put there by hand.
        let ingestion: UInt64
        let receivedAt: String
        /// How many interchanges between the partner and us it has.
        let interchangeCount: Int
        /// ISA13 of those that were accepted; of all of them where that is not known.
        let numbers: [String]
        /// Whether all were rejected: then the same content may come again.
        let isRejected: Bool

        /// - Parameter found: ISA13 of the interchanges that reading the file found; nil where it
        ///   was not read.
        init(_ path: ExchangePath, _ metadata: FileMetadata?, found: [String]?) {
            sha256 = String(path.name.prefix(64))
            ingestion = metadata?.ingestionId ?? 0
            receivedAt = metadata?.createdUtc ?? ""
            let accepted = metadata?.accepted
            numbers = accepted ?? found ?? metadata?.isa13.map { [$0] } ?? []
            interchangeCount = found?.count ?? numbers.count
            isRejected = accepted == []
        }
    }

    private struct Count: Sendable {
        var files = 0
        var interchanges = 0
        var unrecorded = 0
        var found = 0
    }

    /// Looks, and says what was found, as JSON.
    func run() async throws -> String {
        let partners = try await engine.read { state in
            state.exchange.partners.sorted().filter { $0.tenant == ExchangeTenant.name }
                .compactMap(\.partner)
        }
        var count = Count()
        for partner in partners {
            try Task.checkCancellation()
            try await look(partner, &count)
        }
        return "{\"files\":\(count.files),\"interchanges\":\(count.interchanges),"
            + "\"unrecorded\":\(count.unrecorded),\"duplicates\":\(count.found)}"
    }

    private func look(_ partner: PartnerDefinition, _ count: inout Count) async throws {
        let recent = try await Blocking.run { () throws in try self.recent(partner) }
        if recent.isEmpty { return }
        count.files += recent.count
        count.unrecorded += recent.count { $0.ingestion == 0 }
        count.interchanges += recent.reduce(0) { $0 + $1.interchangeCount }
        let older = try await Blocking.run { () throws in try self.older(partner, recent) }
        for kept in recent {
            if let before = older.bySHA256[kept.sha256], !kept.isRejected,
                wasMissed(kept, before, partner)
            {
                try await tell(kept, before.ingestion, "content", partner, "", &count)
            }
            let numbers = kept.ingestion == 0 ? kept.numbers : []
            for (number, owner) in zip(numbers, try await owners(numbers, partner))
            where owner != 0 {
                try await tell(kept, owner, "controlNumber", partner, number, &count)
            }
            for number in kept.numbers {
                if let before = older.byNumber[number], before.sha256 != kept.sha256,
                    wasMissed(kept, before, partner)
                {
                    try await tell(
                        kept, before.ingestion, "controlNumber", partner, number, &count)
                }
            }
        }
    }

    /// Whether receipt could not see that one repeats another: one of them is not recorded, or the
    /// older one's key had expired.
    private func wasMissed(_ kept: Kept, _ before: Kept, _ partner: PartnerDefinition) -> Bool {
        if kept.ingestion == 0 || before.ingestion == 0 { return true }
        guard let received = Self.moment(kept.receivedAt),
            let first = Self.moment(before.receivedAt)
        else { return true }
        return received - first > Int64(clamping: partner.duplicateDays) * Self.day
    }

    /// µs; nil for a text that is no moment.
    private static func moment(_ text: String) -> Int64? {
        guard case .instant(let instant)? = try? ISO8601.parse(text) else { return nil }
        return instant.microseconds
    }

    private func tell(
        _ kept: Kept, _ original: UInt64, _ kind: String, _ partner: PartnerDefinition,
        _ number: String, _ count: inout Count
    ) async throws {
        count.found += 1
        _ = try await engine.exchange(
            .sweepFound(
                ingestion: kept.ingestion, original: original, kind: kind, partner: partner.name,
                controlNumber: number))
    }

    private func owners(
        _ numbers: [String], _ partner: PartnerDefinition
    ) async throws -> [UInt64] {
        guard let own = partner.own, let them = partner.partner else { return [] }
        var owners: [UInt64] = []
        for start in stride(from: 0, to: numbers.count, by: Self.keysMax) {
            let part = numbers[start..<min(start + Self.keysMax, numbers.count)]
            owners += try await engine.exchange(
                .lookUp(part.map { ExchangeKey.interchange(them.name, own.name, $0) })
            ).known
        }
        return owners
    }

    // MARK: files

    /// The days that a partner's received files lie under, the newest first.
    private func days(_ partner: PartnerDefinition) throws(ExchangeError) -> [ExchangePath] {
        let folder = try ExchangePath("received/partner=\(partner.name)")
        return try store.list(folder, countMax: Self.filesMax).entries.filter(\.isFolder)
            .map(\.path).sorted(by: >)
    }

    private func files(_ folder: ExchangePath) throws(ExchangeError) -> [ExchangeEntry] {
        try store.list(folder, countMax: Self.filesMax).entries.filter {
            !$0.isFolder && $0.path.name.hasSuffix(".edi")
        }
    }

    /// The files of the last 24 hours.
    private func recent(_ partner: PartnerDefinition) throws(ExchangeError) -> [Kept] {
        let since = now() - Self.day
        let first = UTCText.of(microseconds: since)
        var recent: [Kept] = []
        for day in try days(partner) {
            guard let date = day.date, date >= (try ExchangeTime.day(of: since)) else { continue }
            for entry in try files(day) {
                let metadata = try store.metadataIfAny(of: entry.path)
                let isRecent = metadata.map { $0.createdUtc >= first } ?? (entry.changedAt >= since)
                if isRecent { recent.append(try read(entry.path, metadata, partner)) }
            }
        }
        return recent
    }

    private func read(
        _ path: ExchangePath, _ metadata: FileMetadata?, _ partner: PartnerDefinition
    ) throws(ExchangeError) -> Kept {
        var scan = InboundScan()
        var parser = X12Parser()
        let file = try store.open(path)
        while let chunk = try file.nextChunk() { parser.consume(chunk.span, into: &scan) }
        parser.finish(into: &scan)
        let numbers = scan.headers.map(InterchangeKey.init).filter {
            $0.sender.id == partner.partner?.id && $0.sender.qualifier == partner.partner?.qualifier
                && $0.receiver.id == partner.own?.id
                && $0.receiver.qualifier == partner.own?.qualifier
        }.map(\.controlNumber).filter {
            $0.utf8.count == 9 && $0.utf8.allSatisfy { (48...57).contains($0) }
        }
        return Kept(path, metadata, found: numbers)
    }

    /// Files of earlier days that are like one of these: by content, and by the numbers of their
    /// interchanges, both where anything of them was accepted.
    private func older(
        _ partner: PartnerDefinition, _ recent: [Kept]
    ) throws(ExchangeError) -> (bySHA256: [String: Kept], byNumber: [String: Kept]) {
        let contents = Set(recent.map(\.sha256))
        let numbers = Set(recent.flatMap(\.numbers))
        let firstDay = try ExchangeTime.day(of: now() - Self.day)
        var bySHA256: [String: Kept] = [:]
        var byNumber: [String: Kept] = [:]
        var sidecars = 0
        var bytesLeft = Self.olderByteCountMax
        for day in try days(partner) {
            guard let date = day.date, date < firstDay else { continue }
            for entry in try files(day) {
                let isLike = contents.contains(String(entry.path.name.prefix(64)))
                guard isLike || sidecars < Self.sidecarsMax else { continue }
                sidecars += 1
                let metadata = try store.metadataIfAny(of: entry.path)
                var kept = Kept(entry.path, metadata, found: nil)
                if metadata?.accepted == nil && entry.byteCount <= bytesLeft {
                    bytesLeft -= entry.byteCount
                    kept = try read(entry.path, metadata, partner)
                }
                if isLike && !kept.isRejected { bySHA256[kept.sha256] = kept }
                for number in kept.numbers where numbers.contains(number) {
                    byNumber[number] = kept
                }
            }
        }
        return (bySHA256, byNumber)
    }
}
