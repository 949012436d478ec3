import Engine
import Events
import Exchange
import Hummingbird
import Projections
import Replay

/// Files that are exchanged with partners: brought in, looked at, made anew, held.
extension APIRouter {
    /// The most bytes of a file that comes by the API.
    static let uploadByteCountMax = 1 << 30

    func addExchange(_ group: RouterGroup<BasicRequestContext>) {
        group.post("x12/inbound") { request, _ in try await receive(request) }
        group.post("x12/outcomes") { request, _ in try await takeOutcomes(request) }
        group.get("x12/files") { request, _ in try await outboundFiles(request) }
        group.get("x12/files/{file}") { request, context in
            try await fileLife(request, context)
        }
        group.post("x12/files/{file}/reassemble") { request, context in
            try await reassemble(request, context)
        }
        group.get("x12/received") { request, _ in
            try await list(request, "received", { $0.received }) { $0.partner }
        }
        group.get("x12/outcomes") { request, _ in try await outcomes(request) }
        group.get("x12/duplicates") { request, _ in
            try await list(request, "duplicates", { $0.duplicates }) { $0.partner }
        }
        group.post("x12/duplicates/{duplicate}/resolve") { request, context in
            let body = try await ActBody(request, "resolution")
            return try await exchange(
                .resolveDuplicate(
                    number(context, "duplicate"), resolution: body.text("resolution"),
                    reason: body.reason(), body.authority(request)))
        }
        group.get("x12/holds") { request, _ in
            try await list(request, "holds", { $0.holds }) { $0.partner }
        }
        group.post("x12/holds") { request, _ in
            let body = try await ActBody(request, "name", "partner", "from", "through")
            var hold = LegalHoldPlaced()
            hold.name = try body.text("name", byteCountMax: 64)
            hold.partner = try body.text("partner", byteCountMax: 64)
            hold.from = try body.text("from", byteCountMax: 10)
            hold.through = try body.text("through", byteCountMax: 10)
            hold.reason = try body.reason()
            return try await exchange(.placeHold(hold, body.authority(request)))
        }
        group.delete("x12/holds/{name}") { request, context in
            let body = try await ActBody(request)
            return try await exchange(
                .releaseHold(
                    parameter(context, "name"), reason: body.reason(),
                    body.authority(request)))
        }
        group.get("partners") { request, _ in
            try await list(request, "partners", { $0.partners }) { $0.partner?.name ?? "" }
        }
    }

    private func number(_ context: BasicRequestContext, _ name: String) throws -> UInt64 {
        let text = try context.parameters.require(name)
        guard let number = UInt64(text) else {
            throw APIError(.badRequest, "invalid", "'\(text)' is not the number of a \(name)")
        }
        return number
    }

    /// Gives a command to the engine, and answers with its sentence.
    private func exchange(_ command: ExchangeCommand) async throws -> Response {
        let reply = try await refusing {
            try await runtime.submit(.exchange(command, tenant: ExchangeTenant.name))
        }
        var text = JSONText()
        text.member("message", text: reply.message)
        if let sequence = reply.sequence { text.member("sequence", json: String(sequence)) }
        if let file = reply.exchange?.file { text.member("file", json: String(file)) }
        return .json(text.object)
    }

    /// Does something, and says in the API's words why it was refused.
    private func refusing<Answer>(_ work: () async throws -> Answer) async throws -> Answer {
        do {
            return try await work()
        } catch let rejection as Rejection {
            throw APIError(rejection)
        } catch let error as EngineUnavailable {
            throw APIError(.serviceUnavailable, "unavailable", error.description)
        } catch let error as ExchangeError {
            switch error.code {
            case "outcome": throw APIError(.badRequest, "invalid", error.message)
            case "tooLarge": throw APIError(.contentTooLarge, "invalid", error.message)
            case "busy", "keyTaken": throw APIError(.conflict, "conflict", error.message)
            default: throw APIError(.serviceUnavailable, "storage", error.message)
            }
        }
    }

    // MARK: brought in

    private func opened() throws -> ExchangeService {
        guard let service = exchange.open else {
            throw APIError(
                .conflict, "conflict",
                "there is no partner, so nothing is exchanged; define one in partners/ of the "
                    + "configuration")
        }
        return service
    }

    /// Who asks, where the body is a file: the query says it.
    private func authority(_ request: Request) throws -> (Authority, key: String) {
        let given = request.uri.queryParameters
        let actor = given.get("actor") ?? "api"
        let isPlain = actor.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
        guard isPlain, (1...128).contains(actor.utf8.count) else {
            throw APIError(
                .badRequest, "invalid",
                "'actor' is 1 to 128 bytes, without blanks and controls")
        }
        let header = request.headers.first { $0.name.canonicalName == "idempotency-key" }
        let key = header?.value ?? ""
        guard header == nil || (1...256).contains(key.utf8.count) else {
            throw APIError(
                .badRequest, "invalid",
                "the header Idempotency-Key has 1 to 256 bytes; leave it out for none")
        }
        return (Authority(actor: "user:\(actor)", request: key), key)
    }

    /// Refuses a body that says itself to be too long before any of it is read.
    private static func checkLength(_ request: Request) throws {
        guard let length = request.headers[.contentLength].flatMap(UInt64.init),
            length > UInt64(uploadByteCountMax)
        else { return }
        throw APIError(
            .contentTooLarge, "invalid",
            "the body has \(length) bytes, and \(uploadByteCountMax) at most are taken; split it, "
                + "or drop the file into the partner's folder")
    }

    private func receive(_ request: Request) async throws -> Response {
        guard let partner = request.uri.queryParameters.get("partner"), !partner.isEmpty else {
            throw APIError(.badRequest, "invalid", "'partner' says whose file it is: give it")
        }
        let (who, key) = try authority(request)
        try Self.checkLength(request)
        let service = try opened()
        let report = try await refusing {
            try await service.receive(partner: partner, key: key, request.body, who)
        }
        return .json(report.json, status: report.wasKnown ? .ok : .created)
    }

    private func takeOutcomes(_ request: Request) async throws -> Response {
        let (who, _) = try authority(request)
        try Self.checkLength(request)
        let service = try opened()
        let report = try await refusing { try await service.takeOutcomes(request.body, who) }
        return .json(
            "{\"outcomes\":\(report.count),\"taken\":\(report.taken),"
                + "\"known\":\(report.count - report.taken),"
                + "\"path\":\(JSONText.quoted(report.path))}",
            status: .created)
    }

    // MARK: looked at

    /// Some of a map of the exchange, the oldest first, by partner and type.
    private func list<Entry: ProjectionEntry>(
        _ request: Request, _ name: String,
        _ map: @escaping @Sendable (ExchangeState) -> BucketedMap<Entry>,
        type: ((Entry) -> String)? = nil, status: ((Entry) -> String)? = nil,
        more: ((Entry, inout JSONText) -> Void)? = nil,
        partner: @escaping (Entry) -> String
    ) async throws -> Response {
        let limit = try limit(request, default: Self.limitMax)
        let given = request.uri.queryParameters
        // Sorted and written off the engine's thread.
        let found = try await look { map($0.exchange) }.sorted().filter { entry in
            func fits(_ name: String, _ value: ((Entry) -> String)?) -> Bool {
                guard let wanted = given.get(name), let value else { return true }
                return wanted.isEmpty || value(entry) == wanted
            }
            return fits("partner", partner) && fits("type", type) && fits("status", status)
        }
        let items = found.prefix(limit).map { entry -> String in
            var text = JSONText()
            text.append(entry)
            more?(entry, &text)
            return text.object
        }
        return .json(
            "{\"\(name)\":[\(items.joined(separator: ","))],\"total\":\(found.count)}")
    }

    /// Outcomes, each with what it waits for.
    private func outcomes(_ request: Request) async throws -> Response {
        let partners = try await look { $0.exchange.partners }
        return try await list(
            request, "outcomes", { $0.outcomes }, type: { $0.transactionType },
            more: { outcome, text in
                let key = ScheduleKey(outcome.tenant, outcome.partner)
                let hold = OutcomeHold(partners[key]?.partner, type: outcome.transactionType)
                let waitsFor = outcome.file != 0 ? "file" : hold?.rawValue ?? "assembly"
                text.member("waitsFor", text: waitsFor)
            }
        ) { $0.partner }
    }

    private func outboundFiles(_ request: Request) async throws -> Response {
        if let status = request.uri.queryParameters.get("status"), !status.isEmpty,
            OutboundFileState.Status(rawValue: status) == nil
        {
            throw APIError(
                .badRequest, "invalid",
                "'status' is acquired, assembled, published, quarantined or failed")
        }
        return try await list(
            request, "files", { $0.files }, type: { $0.transactionType },
            status: { $0.statusText }
        ) { $0.partner }
    }

    /// The events of a received file, or one of ours, from the log's index, the newest first.
    private func fileLife(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> Response {
        let file = try number(context, "file")
        var query = History.EventQuery(key: EventVocabulary.key(file: file))
        query.limit = try limit(request, default: Self.limitMax)
        query.cursor = request.uri.queryParameters.get("cursor")
        let wanted = query
        let page = try await past { history throws(ReplayError) in try history.events(wanted) }
        if page.events.isEmpty && query.cursor == nil {
            throw APIError(
                .notFound, "notFound", "there is no exchanged file \(file), nor an outcome of it")
        }
        return .json(page.json)
    }

    // MARK: made anew

    private func reassemble(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> Response {
        let file = try number(context, "file")
        let body = try await ActBody(request)
        let (reason, who) = (try body.reason(), try body.authority(request))
        let known = try await look { state -> (String, [UInt64], [UInt64: NewOutcome])? in
            guard let old = state.exchange.files[file] else { return nil }
            var outcomes: [UInt64: NewOutcome] = [:]
            for number in old.outcomes {
                outcomes[number] = state.exchange.outcomes[number].map(NewOutcome.init)
            }
            return (old.partner, old.outcomes, outcomes)
        }
        let (partner, numbers, outcomes) = try await {
            if let known { return known }
            let grouped = try await past(file, FileGrouped.self, "file of ours")
            return (grouped.partner, grouped.outcomes, [:])
        }()
        var found: [NewOutcome] = []
        for number in numbers {
            if let outcome = outcomes[number] {
                found.append(outcome)
            } else {
                found.append(NewOutcome(try await past(number, OutcomeReceived.self, "outcome")))
            }
        }
        return try await exchange(
            .reassemble(
                file: file, partner: partner, outcomes: found, reason: reason, who))
    }

    /// The event with which something began that has left memory.
    private func past<Payload: EventPayload>(
        _ number: UInt64, _ type: Payload.Type, _ name: String
    ) async throws -> Payload {
        var query = History.EventQuery(key: EventVocabulary.key(file: number))
        query.limit = 1
        // The newest event before the next one is the first one of it.
        query.cursor = String(number + 1)
        let wanted = query
        let page = try await past { history throws(ReplayError) in try history.events(wanted) }
        guard let event = page.events.first, event.envelope.sequence == number,
            let payload = event.payload as? Payload
        else {
            throw APIError(.notFound, "notFound", "there is no \(name) \(number) in the log")
        }
        return payload
    }
}

extension NewOutcome {
    /// An outcome that is in no written file yet, once more.
    fileprivate init(_ state: OutcomeState) {
        self.init()
        partner = state.partner
        type = state.transactionType
        path = state.path
        sha256 = state.sha256
        offset = state.offset
        byteCount = state.byteCount
        ingestion = state.ingestion
        group = state.group
    }

    /// One as it was received, once more.
    fileprivate init(_ event: OutcomeReceived) {
        self.init()
        partner = event.partner
        type = event.transactionType
        path = event.path
        sha256 = event.sha256
        offset = event.offset
        byteCount = event.byteCount
        ingestion = event.ingestion
        group = event.group
    }
}

extension Ingestion.Report {
    /// What was found of the file, as JSON: numbers and codes, no content.
    fileprivate var json: String {
        var text = JSONText()
        text.member("ingestion", json: String(ingestion))
        text.member("known", json: String(wasKnown))
        if wasKnown { return text.object }
        text.member("sha256", text: file.sha256)
        text.member("byteCount", json: String(file.byteCount))
        if !file.trouble.isEmpty { text.member("trouble", text: file.trouble) }
        let items = file.interchanges.map(\.json).joined(separator: ",")
        text.member("interchanges", json: "[\(items)]")
        text.member("acknowledgments", json: String(file.acknowledgments.count))
        if unmatchedCount > 0 { text.member("unmatched", json: String(unmatchedCount)) }
        return text.object
    }
}

extension ReceivedFile.Interchange {
    fileprivate var json: String {
        var text = JSONText()
        text.member("isa13", text: controlNumber)
        text.member("code", text: code)
        text.member("note", text: note)
        text.member("duplicate", json: String(isDuplicate))
        let groups = groups.map { group -> String in
            var text = JSONText()
            text.append(group)
            return text.object
        }
        text.member("groups", json: "[\(groups.joined(separator: ","))]")
        let answers = answers.map(JSONText.quoted).joined(separator: ",")
        text.member("answers", json: "[\(answers)]")
        return text.object
    }
}
