import Engine
import Projections

/// The engine, as far as the exchange needs it: it decides, and says how things stand.
public protocol ExchangeEngine: Sendable {
    /// Carries out a command; returns when what it wrote is durable.
    ///
    /// - Throws: `Rejection`, or that the engine has stopped.
    func submit(_ command: Command) async throws -> Reply
    /// Looks at the state; returns when all that it shows is durable.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (ProjectedState) -> Result
    ) async throws -> Result
}

extension EngineRuntime: ExchangeEngine {}

extension ExchangeEngine {
    /// What the exchange asks, or tells, of the one tenant that there is.
    func exchange(_ command: ExchangeCommand) async throws -> ExchangeReply {
        try await submit(.exchange(command, tenant: ExchangeTenant.name)).exchange
            ?? ExchangeReply()
    }
}

/// The tenant whose partners these are.
public enum ExchangeTenant {
    /// Its name.
    public static let name = "default"
}
