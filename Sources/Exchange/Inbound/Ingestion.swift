import Engine
import Events
import Projections
import X12

/// Receives the files of partners: each exactly once, whenever the program is killed.
///
///   1. the dropped file is moved to `inbound/_taken/` (durable), its name now holds its key
///   2. it is copied, and looked through: SHA-256, headers, answers to what we sent
///   3. the copy gets its name below `received/`, or below `received/_quarantine/` (durable)
///   4. the engine says which interchanges it had before; the copy is checked
///   5. the TA1s and 999s that answer it are written below `outcomes/` (durable)
///   6. the engine records it all in one decision, under the key: a key is taken once
///   7. the sidecar is written, with the number that the file has now
///   8. the taken file is removed; one that grew since step 2 is put back where it was dropped
///
/// A file that its sender has open to write is not taken, where the system tells so.
///
/// A kill at any step leaves the taken file, which is received again from step 2 under its key.
public struct Ingestion: Sendable {
    /// What came of a file.
    public struct Report: Sendable {
        /// Its number.
        public let ingestion: UInt64
        /// Whether it was received before under this key; then the rest is not known here.
        public let wasKnown: Bool
        /// What was found; of answers, what is to come.
        public let file: ReceivedFile
        /// How many acknowledgments in it name no file of ours that waits for one.
        public var unmatchedCount = 0
        /// Whether it was written to after it was copied, so that it is taken once more.
        var isPutBack = false
    }

    /// A step that is over, for tests, which end the program after it.
    package enum Step: String, CaseIterable, Sendable {
        case copied, placed, checked, answered, recorded, described
    }

    let engine: any ExchangeEngine
    let store: ExchangeStore
    let inHand = KeysInHand()
    private let library: GrammarLibrary
    private let now: @Sendable () -> Int64
    private let fault: (@Sendable (Step) throws -> Void)?
    /// Told one line for people: no content, no sender's names.
    let warn: @Sendable (String) -> Void

    /// How often a file is checked anew because another one came in between.
    private static let attemptsMax = 5

    /// What receives.
    ///
    /// - Parameters:
    ///   - now: the time, µs.
    ///   - fault: is asked after each step; tests throw there.
    package init(
        engine: any ExchangeEngine, store: ExchangeStore, library: GrammarLibrary,
        now: @escaping @Sendable () -> Int64, warn: @escaping @Sendable (String) -> Void,
        fault: (@Sendable (Step) throws -> Void)? = nil
    ) {
        self.engine = engine
        self.store = store
        self.library = library
        self.now = now
        self.warn = warn
        self.fault = fault
    }

    /// Receives a taken file, from step 2 on.
    ///
    /// - Throws: `ExchangeError`, `Rejection`, or that the engine has stopped: the file stays
    /// taken.
    func receive(_ taken: TakenFile, _ who: Authority = .engine) async throws -> Report {
        let source = try taken.path()
        let partner = try await partner(taken.partner)
        let (copy, scan) = try await Blocking.run { [store] () throws in
            if taken.source == .folder { try store.refuseWritten(source) }
            var scan = InboundScan()
            var parser = X12Parser()
            let copy = try store.stage(source, into: "received") { parser.consume($0, into: &scan) }
            parser.finish(into: &scan)
            return (copy, scan)
        }
        try fault?(.copied)
        if let known = try await known([ExchangeKey.request(taken.key)]).first, known != 0 {
            return try await complete(taken, copy, scan, known)
        }
        let time = now()
        let path = try Self.place(taken, copy, scan, time)
        try await Blocking.run { [store] in
            try store.place(copy, at: path)
            if !scan.trouble.isEmpty { try Self.explain(scan.trouble, path, store) }
        }
        try fault?(.placed)
        for attempt in 1... {
            do {
                let file = try await check(taken, partner, copy, scan, at: path, time)
                let reply = try await engine.exchange(.receive(file, who))
                try fault?(.recorded)
                let ingestion = reply.ingestion ?? 0
                if reply.unmatchedCount > 0 {
                    warn(
                        "\(Counted.text(reply.unmatchedCount, "acknowledgment")) in received file "
                            + "\(ingestion) of \(taken.partner): no file of ours that waits for "
                            + "one has that number")
                }
                let accepted = file.interchanges.filter { $0.code == "A" }.map(\.controlNumber)
                let fate = try await describe(
                    taken, copy, scan, path, ingestion, time, accepted)
                return Report(
                    ingestion: ingestion, wasKnown: false, file: file,
                    unmatchedCount: reply.unmatchedCount, isPutBack: fate == .putBack)
            } catch let rejection as Rejection
                where rejection.code == .conflict && attempt < Self.attemptsMax
            {
                continue  // another file brought the same interchange meanwhile
            }
        }
        throw ExchangeError("busy", "the file was not received; it is tried again")
    }

    /// A partner that is defined.
    ///
    /// - Throws: `Rejection` with `notFound`.
    func partner(_ name: String) async throws -> PartnerDefinition {
        let key = ScheduleKey(ExchangeTenant.name, name)
        guard let partner = try await engine.read({ $0.exchange.partners[key]?.partner }) else {
            throw Rejection(
                .notFound,
                "there is no partner '\(name)'; define it in partners/ of the configuration, and "
                    + "its files are received")
        }
        return partner
    }

    /// What had each of some keys.
    private func known(_ keys: [String]) async throws -> [UInt64] {
        if keys.isEmpty { return [] }
        return try await engine.exchange(.lookUp(keys)).known
    }

    private static func place(
        _ taken: TakenFile, _ copy: StagedCopy, _ scan: InboundScan, _ time: Int64
    ) throws(ExchangeError) -> ExchangePath {
        scan.trouble.isEmpty
            ? try .received(partner: taken.partner, at: time, sha256: copy.sha256)
            : try .receivedQuarantine(partner: taken.partner, at: time, sha256: copy.sha256)
    }

    /// Writes beside a file that was set aside why it was.
    private static func explain(
        _ trouble: String, _ path: ExchangePath, _ store: ExchangeStore
    ) throws(ExchangeError) {
        let reason = "{\"reason\":\"\(trouble)\"}\n"
        try store.write([
            PendingFile(
                path: try ExchangePath(path.text + ".reason.json"), content: Array(reason.utf8),
                metadata: nil, isPlain: true)
        ])
    }

    // MARK: checked and answered

    /// Steps 4 and 5: what the engine is told.
    private func check(
        _ taken: TakenFile, _ partner: PartnerDefinition, _ copy: StagedCopy, _ scan: InboundScan,
        at path: ExchangePath, _ time: Int64
    ) async throws -> ReceivedFile {
        var findings = try InboundFindings(partner)
        if scan.isTooMuch {
            findings.add([], scan)
        } else {
            let isDuplicate = try await duplicates(scan.headers, partner)
            let results = try await Blocking.run { [store, library] () throws in
                var checker = InterchangeChecker(
                    partners: X12Partners([partner]), library: library,
                    isDuplicate: { isDuplicate.contains($0) })
                let file = try store.open(path)
                while let chunk = try file.nextChunk() { checker.consume(chunk.span) }
                return checker.finish()
            }
            findings.add(results, scan)
        }
        try fault?(.checked)
        var file = findings.file
        file.source = taken.source.rawValue
        file.path = path.text
        file.sha256 = copy.sha256
        file.byteCount = copy.byteCount
        file.key = taken.key
        file.outcomes = try await write(findings.answers, at: time)
        if findings.answers.refusedCount > 0 {
            warn(
                "\(Counted.text(findings.answers.refusedCount, "answer")) to \(path) cannot be "
                    + "made, for what must be named is malformed: tell the partner by hand")
        }
        try fault?(.answered)
        return file
    }

    /// Those of a file's interchanges that were received before.
    private func duplicates(
        _ headers: [InterchangeHeader], _ partner: PartnerDefinition
    ) async throws -> Set<InterchangeKey> {
        guard let own = partner.own, let them = partner.partner else { return [] }
        let keys = headers.map(InterchangeKey.init)
        let owners = try await known(
            keys.map { ExchangeKey.interchange(them.name, own.name, $0.controlNumber) })
        return Set(zip(keys, owners).filter { $0.1 != 0 }.map(\.0))
    }

    /// Writes answers of ours; with none there is no file.
    private func write(
        _ answers: OwnAnswers, at time: Int64
    ) async throws -> [NewOutcome] {
        if answers.outcomes.isEmpty { return [] }
        let sha256 = Digest.sha256(answers.bytes)
        let path = try ExchangePath.outcomes(at: time, sha256: sha256)
        try await Blocking.run { [store] in
            try store.write([PendingFile(path: path, content: answers.bytes, metadata: nil)])
        }
        return answers.outcomes(path: path, sha256: sha256)
    }

    // MARK: described, and done

    /// Steps 7 and 8.
    private func describe(
        _ taken: TakenFile, _ copy: StagedCopy, _ scan: InboundScan, _ path: ExchangePath,
        _ ingestion: UInt64, _ time: Int64, _ accepted: [String]?
    ) async throws -> SourceFate {
        var metadata = FileMetadata(partner: taken.partner, createdAt: time)
        metadata.ingestionId = ingestion
        metadata.isa13 = scan.headers.first?.controlNumber
        metadata.accepted = accepted
        metadata.segmentCount = UInt64(scan.segmentCount)
        metadata.source = taken.source.rawValue
        metadata.fileSize = copy.byteCount
        metadata.sha256 = copy.sha256
        if !taken.originalName.isEmpty { metadata.originalName = taken.originalName }
        let written = metadata
        try await Blocking.run { [store] in
            // The same content may have come before, on the same day: its first name stays, where
            // anything of it was accepted then.
            let before = try store.metadataIfAny(of: path)
            if before.map({ $0.accepted == [] }) ?? true {
                try store.replaceMetadata(written, of: path)
            }
        }
        try fault?(.described)
        return try await release(taken, copy)
    }

    /// Step 8.
    private func release(_ taken: TakenFile, _ copy: StagedCopy) async throws -> SourceFate {
        let source = try taken.path()
        let folder = try ExchangePath.inbound(partner: taken.partner)
        return try await Blocking.run { [store] in
            try store.release(source, copiedAs: copy, backTo: folder, taken)
        }
    }

    /// A file that was recorded before a kill: what was left to do is done.
    ///
    /// - Throws: `keyTaken` where the API brought another file under the key.
    private func complete(
        _ taken: TakenFile, _ copy: StagedCopy, _ scan: InboundScan, _ ingestion: UInt64
    ) async throws -> Report {
        let day: Int64 = 86_400_000_000
        let time = now()
        let places = try [time, time - day].map { time throws(ExchangeError) in
            try Self.place(taken, copy, scan, time)
        }
        let path = try await Blocking.run { [store] () throws in
            try store.discard(copy)
            return try places.first { try store.exists($0) }
        }
        var fate = SourceFate.putBack
        if try await !isSame(copy, as: ingestion, taken.partner, path) {
            // What was received is kept; what it has become since is taken once more.
            if taken.source == .api { throw ExchangeError.keyTaken }
            let source = try taken.path()
            let folder = try ExchangePath.inbound(partner: taken.partner)
            try await Blocking.run { [store] in
                try store.putBack(source, to: folder, taken)
            }
        } else if let path {
            fate = try await describe(taken, copy, scan, path, ingestion, time, nil)
        } else {
            fate = try await release(taken, copy)
        }
        return Report(
            ingestion: ingestion, wasKnown: true, file: ReceivedFile(),
            isPutBack: fate == .putBack)
    }

    /// Whether a copy has the content of what was received before; of what is over for long, and
    /// whose content came more than once, that is taken for granted.
    private func isSame(
        _ copy: StagedCopy, as ingestion: UInt64, _ partner: String, _ path: ExchangePath?
    ) async throws -> Bool {
        let kept = try await engine.read { $0.exchange.received[ingestion]?.path } ?? ""
        if !kept.isEmpty { return kept.contains(copy.sha256) }
        let owner = try await known([ExchangeKey.content(partner, copy.sha256)]).first ?? 0
        if owner != 0 { return true }
        // What was rejected as a whole has no key; its sidecar says which file it is.
        guard let path else { return false }
        return try await Blocking.run { [store] in
            try (store.metadataIfAny(of: path)?.ingestionId ?? ingestion) == ingestion
        }
    }
}

extension ExchangeError {
    static let keyTaken = ExchangeError(
        "keyTaken",
        "another file was received under this Idempotency-Key. Give each file a key of its own")
}
