import Engine
import Events
import Projections
import Synchronization

/// Starts assembly at once for outcomes that are not to wait (their window is 0).
final class ImmediateAssembly: Sendable {
    /// A schedule that assembles.
    private struct AssemblySchedule: Sendable {
        let key: ScheduleKey
        /// None for all of them.
        let types: Set<String>
        let partners: Set<String>

        /// The schedule of a definition; nil for one that does other work, or is off.
        init?(_ definition: ScheduleDefinition) {
            guard definition.isEnabled, let target = definition.target,
                target.kind == EngineCore.exchangeKind,
                target.command.first == ExchangeTasks.assemble
            else { return nil }
            func words(_ name: String) -> Set<String> {
                let text = target.settings.first { $0.name == name }?.value ?? ""
                return Set(text.split(separator: ",").map(String.init))
            }
            key = ScheduleKey(ExchangeTenant.name, definition.jobId)
            types = words("types")
            partners = words("partners")
        }

        func covers(_ scope: OutcomeScope) -> Bool {
            (types.isEmpty || types.contains(scope.type))
                && (partners.isEmpty || partners.contains(scope.partner))
        }
    }

    private let engine: any ExchangeEngine
    private let schedules = Mutex<[AssemblySchedule]>([])

    init(engine: any ExchangeEngine) { self.engine = engine }

    /// Takes the schedules of a configuration.
    func use(_ definitions: [ScheduleDefinition]) {
        let found = definitions.compactMap(AssemblySchedule.init)
        schedules.withLock { $0 = found }
    }

    /// Starts what assembles these, where one of them is not to wait.
    ///
    /// One that runs already, or may not run now, is left alone: its next run takes them.
    func start(for scopes: Set<OutcomeScope>) async throws {
        let known = schedules.withLock { $0 }
        if scopes.isEmpty || known.isEmpty { return }
        let immediate = try await engine.read { state in
            scopes.filter { scope in
                let key = ScheduleKey(ExchangeTenant.name, scope.partner)
                let rule = state.exchange.partners[key]?.partner?.rule(for: scope.type)
                return rule?.windowSeconds == 0
            }
        }
        for schedule in known where immediate.contains(where: schedule.covers) {
            _ = try await engine.exchange(
                .assembleNow(schedule.key, reason: "outcomes are here that wait for nothing"))
        }
    }
}
