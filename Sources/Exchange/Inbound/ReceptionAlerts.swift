import Engine
import Projections
import Synchronization

/// Tells people where files are not taken in: a line in the program's log each time it begins, and
/// an alert, which ends when files are taken in there again.
final class ReceptionAlerts: Sendable {
    private struct State {
        /// The open alerts, as `KIND PLACE`; nil until those of before were looked for.
        var open: Set<String>?
        var warned: [String: Set<String>] = [:]
    }

    private let engine: any ExchangeEngine
    private let warn: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// More lines are not remembered for a place.
    private static let linesMax = 1_000

    init(_ engine: any ExchangeEngine, warn: @escaping @Sendable (String) -> Void) {
        self.engine = engine
        self.warn = warn
    }

    /// Looks, once, for the alerts that are open since before.
    func takeUp() async throws {
        if state.withLock({ $0.open != nil }) { return }
        let kinds = [ReceptionNotice.Kind.stuck, .refused].map(\.rawValue)
        let open = try await engine.read { state in
            state.alerts.sorted().filter { kinds.contains($0.kind) }.map {
                "\($0.kind) \($0.subject)"
            }
        }
        state.withLock { $0.open = Set(open) }
    }

    /// Says a line, once until it is over at this place.
    func warnOnce(_ text: String, at place: String) {
        let isNew = state.withLock { state in
            let known = state.warned[place, default: []]
            return known.count < Self.linesMax
                && state.warned[place, default: []].insert(text).inserted
        }
        if isNew { warn(text) }
    }

    /// Forgets lines of a place that are not true any more: they are said when they are again.
    func keep(_ texts: Set<String>, at place: String) {
        state.withLock { $0.warned[place]?.formIntersection(texts) }
    }

    /// The places at which files are not taken in, as far as people were told.
    var stuckPlaces: [String] {
        let prefix = ReceptionNotice.Kind.stuck.rawValue + " "
        return state.withLock { $0.open ?? [] }.filter { $0.hasPrefix(prefix) }.sorted().map {
            String($0.dropFirst(prefix.count))
        }
    }

    /// Files are not taken in at a place.
    func isStuck(_ place: String, partner: String, _ text: String) async {
        warnOnce(text, at: place)
        if stuckPlaces.contains(place) { return }
        await tell(ReceptionNotice(.stuck, place, partner: partner, text))
    }

    /// Files are taken in at a place, or none is there.
    func goesOn(_ place: String) async {
        state.withLock { $0.warned[place] = nil }
        await end(.stuck, place)
    }

    /// What was told of a place is over.
    func end(_ kind: ReceptionNotice.Kind, _ place: String) async {
        let isOpen = state.withLock {
            $0.open?.contains("\(kind.rawValue) \(place)") ?? false
        }
        if isOpen { await tell(ReceptionNotice(kind, place, nil)) }
    }

    func tell(_ notice: ReceptionNotice) async {
        do {
            _ = try await engine.exchange(.reception(notice))
        } catch {
            // The engine is stopping, or its own disk is full, of which it tells: it is told when
            // this is seen the next time.
            return
        }
        state.withLock { state in
            let key = "\(notice.kind.rawValue) \(notice.place)"
            if notice.message == nil {
                state.open?.remove(key)
            } else {
                state.open?.insert(key)
            }
        }
    }
}
