import Events
import Projections

/// Files that are made in the place of others.
extension EngineCore {
    /// A new file from outcomes of an old one, with new numbers; the next run makes it.
    ///
    /// Everything that may refuse it is looked at before the first event.
    mutating func reassemble(
        _ number: UInt64, _ name: String, _ outcomes: [NewOutcome], _ reason: String,
        _ who: Authority
    ) throws {
        guard !reason.isEmpty else { throw Rejection(.invalid, "a new file needs a reason") }
        guard let type = outcomes.first?.type, outcomes.allSatisfy({ $0.type == type }) else {
            throw Rejection(.invalid, "a file is made of outcomes of one type")
        }
        let old = try replaceable(number, partner: name, type)
        if isDraining { throw Rejection(.stopping, "the engine is stopping") }
        try checkRoom()
        let partner = try partner(name)
        guard outcomes.count <= Self.outcomesMax(try rule(partner, type)) else {
            throw Rejection(.invalid, "these are more outcomes than a file may have")
        }
        for outcome in outcomes { try Self.check(outcome) }
        let requests = try numberRequests(partner, type, outcomes.map(\.group))
        if let name = exhausted(by: requests) { return try refuseRollover(name) }
        authority = who
        let taken = try outcomes.compactMap { outcome in
            state.exchange.outcomes[
                try record(outcome, partner, source: "reassembly", cause: number)]
        }
        let file = try open(taken, partner, type, requests, run: 0, reassembles: number)
        authority = .engine
        if let old { exchangeIndex.forget(sent: old) }
        try clearOverdue(number, "file \(file) is made in its place", cause: file)
        for kind in ["fileQuarantined", "fileFailed", "fileRejected"] {
            try clearTold(
                "file \(number)", kind: kind, "file \(file) is made in its place", cause: file)
        }
        var answer = ExchangeReply()
        answer.file = file
        reply(exchange: answer, "file \(file) is made in the place of \(number) by the next run")
    }

    /// The file that is to be replaced; nil where it has left memory already.
    private func replaceable(
        _ number: UInt64, partner: String, _ type: String
    ) throws(Rejection) -> OutboundFileState? {
        guard (1..<state.nextSequence).contains(number) else {
            throw Rejection(.notFound, "there is no file \(number)")
        }
        if let other = exchangeIndex.unfinished.first(where: {
            state.exchange.files[$0]?.reassembles == number
        }) {
            throw Rejection(
                .conflict, "file \(other) is made in the place of \(number) already")
        }
        guard let old = state.exchange.files[number] else { return nil }
        guard old.tenant == tenant, old.partner == partner, old.transactionType == type else {
            throw Rejection(
                .conflict,
                "file \(number) is a \(old.transactionType) for \(old.partner), "
                    + "not a \(type) for \(partner)")
        }
        if old.status == .acquired || old.status == .assembled {
            throw Rejection(
                .conflict,
                "file \(number) is not finished: the next run of its assembly goes on with it")
        }
        return old
    }

    // MARK: the numbers of a file

    /// Fails those numbers of a file of which nobody said anything: another may have spoken of some
    /// of them by the API of control numbers, and that stands.
    mutating func failNumbers(of file: OutboundFileState, _ reason: String) throws {
        let numbers = open(Self.issued(file))
        if !numbers.isEmpty { try failNumbers(numbers, reason, .engine) }
    }

    // MARK: bounds

    /// A text's beginning, of so many bytes at the most.
    static func cut(_ text: String, _ byteCount: Int) -> String {
        guard text.utf8.count > byteCount else { return text }
        var short = ""
        var left = byteCount
        for scalar in text.unicodeScalars {
            left -= UTF8.width(scalar)
            if left < 0 { break }
            short.unicodeScalars.append(scalar)
        }
        return short
    }

    /// Paths below the exchange folder are short: a record holds some of them.
    static func checkPaths(_ paths: [String]) throws(Rejection) {
        guard paths.allSatisfy({ (1...1_024).contains($0.utf8.count) }) else {
            throw Rejection(.invalid, "a file's path is 1 to 1024 bytes")
        }
    }

    static func check(_ outcome: NewOutcome) throws(Rejection) {
        try checkPaths([outcome.path])
        guard outcome.id.utf8.count <= 256, outcome.group.utf8.count <= 64,
            outcome.sha256.utf8.count <= 64
        else {
            throw Rejection(
                .invalid,
                "an outcome's id is at most 256 bytes, its group 64, its digest 64")
        }
    }
}
