import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Which errors of the client mean that no request was sent.
enum HTTPFailures {
    /// The request was given up because the engine stops.
    static let cancelled = TargetFailure(
        failureClass: TargetFailureClass.cancelled,
        message: "the request was given up: the run was cancelled, or the engine stops.",
        isDefinite: false)

    /// A failure for an error.
    ///
    /// Whatever is not known to come before the request is not definite.
    static func failure(_ error: any Error) -> TargetFailure {
        if error is CancellationError { return cancelled }
        if let error = error as? HTTPClientError {
            if error == .cancelled { return cancelled }
            return connection(error.shortDescription, isDefinite: beforeSending.contains(error))
        }
        // No address for the name, or no host took the connection.
        if let error = error as? NIOConnectionError {
            return connection(
                "no connection to \(error.host) port \(error.port)", isDefinite: true)
        }
        if error is ChannelError, case .connectTimeout = error as? ChannelError {
            return connection("no connection in time", isDefinite: true)
        }
        if let error = error as? NIOSSLError, case .handshakeFailed = error {
            return connection("the TLS handshake failed", isDefinite: true)
        }
        if error is NIOSSLExtraError {
            return connection("the certificate does not fit the host's name", isDefinite: true)
        }
        if let error = error as? IOError {
            // The errno decides: only a refusal says that nobody took it.
            return connection(
                "input or output failed: \(Errors.text(error.errnoCode))",
                isDefinite: error.errnoCode == ECONNREFUSED)
        }
        // The error's text is not used: it could hold what the server sent.
        return connection("the exchange failed (\(type(of: error)))", isDefinite: false)
    }

    private static let beforeSending: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
        .socksHandshakeTimeout, .httpProxyHandshakeTimeout, .invalidProxyResponse,
        .invalidURL, .emptyHost, .emptyScheme, .alreadyShutdown,
    ]

    private static func connection(_ what: String, isDefinite: Bool) -> TargetFailure {
        let then =
            isDefinite ? "no request was sent." : "the target may have done the work."
        return TargetFailure(
            failureClass: TargetFailureClass.connection, message: "\(what): \(then)",
            isDefinite: isDefinite)
    }
}
