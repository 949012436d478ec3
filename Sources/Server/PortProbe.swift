import Glibc

/// Asks whether the API can listen, before a log is opened and a configuration is applied.
enum PortProbe {
    /// Listens nowhere: binds, and lets go.
    ///
    /// - Throws: `ServiceError` where the address is in use, or cannot be had; what the name of a
    ///   host leads to is left to the service itself where it is not known.
    static func check(host: String, port: Int) throws {
        // The system chooses a free one.
        if port == 0 { return }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else { return }
        defer { freeaddrinfo(found) }
        let address = found.pointee
        let descriptor = socket(
            address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue),
            address.ai_protocol)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // As the service does: what an engine before this one left behind does not count.
        var isReused: Int32 = 1
        setsockopt(
            descriptor, SOL_SOCKET, SO_REUSEADDR, &isReused,
            socklen_t(MemoryLayout<Int32>.size))
        if bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return }
        throw ServiceError("the API cannot listen at \(host):\(port): \(Self.reason(errno))")
    }

    private static func reason(_ code: Int32) -> String {
        switch code {
        case EADDRINUSE:
            "another engine or program has it. Stop that one, or give this one another port "
                + "(port in daybook.yaml, or DAYBOOK_PORT)"
        case EACCES: "this user may not. Give it a port above 1023 (port, or DAYBOOK_PORT)"
        case EADDRNOTAVAIL:
            "this machine has no such address. Give it another (host, or DAYBOOK_HOST)"
        default: "\(String(cString: strerror(code))). See host and port in daybook.yaml"
        }
    }
}
