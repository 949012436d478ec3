import EventLog
import SystemPackage

extension SimulatedDisk {
    /// Counts a call, and fails it before or after its work if that was asked for.
    private func call<Answer: Sendable>(
        _ operation: String, _ path: String,
        _ work: (inout SimulatedDiskState) -> Result<Answer, Errno>
    ) throws(DiskError) -> Answer {
        state.withLock { $0.hook }?(operation)
        let result = state.withLock { state -> Result<Answer, Errno> in
            state.callCount += 1
            let failure = state.failure.flatMap { $0.call == state.callCount ? $0 : nil }
            if let failure, failure.mode == .before {
                // A sync that fails leaves the pages marked clean all the same.
                if operation == "sync" {
                    state.handles.values.filter { state.files[path] === $0 }
                        .forEach { $0.dirty.removeAll() }
                }
                return .failure(failure.errno)
            }
            let answer = work(&state)
            if let failure, case .success = answer { return .failure(failure.errno) }
            return answer
        }
        switch result {
        case .success(let answer): return answer
        case .failure(let errno):
            throw DiskError(operation: operation, path: path, errno: errno)
        }
    }

    /// Any folder is local here.
    public func requireLocal(_ folder: String) throws(EventLogError) {}

    /// What the capacity leaves.
    ///
    /// Not counted as a call: when it is asked depends on the real clock, and a seed must give the
    /// same calls each time.
    public func freeByteCount(of folder: String) throws(DiskError) -> Int {
        state.withLock { $0.capacity - $0.usedByteCount }
    }

    /// Creates a folder.
    public func createFolder(_ path: String) throws(DiskError) -> Bool {
        try call("createFolder", path) { state in
            guard state.folders.contains(SimulatedDiskState.parent(of: path)) else {
                return .failure(.noSuchFileOrDirectory)
            }
            guard state.folders.insert(path).inserted else { return .success(false) }
            state.pending.append(.addFolder(path))
            return .success(true)
        }
    }

    /// Lists a folder.
    public func list(_ folder: String) throws(DiskError) -> [String]? {
        try call("list", folder) { state in
            guard state.folders.contains(folder) else { return .success(nil) }
            // By bytes: comparing characters took a tenth of the time of the simulations.
            let prefix = (folder + "/").utf8
            let slash = UInt8(ascii: "/")
            let names = (Array(state.files.keys) + Array(state.folders)).compactMap { path in
                let rest = path.utf8.dropFirst(prefix.count)
                guard !rest.isEmpty, path.utf8.starts(with: prefix), !rest.contains(slash) else {
                    return nil as String?
                }
                return String(rest)
            }
            return .success(names.sorted())
        }
    }

    /// Opens a file.
    public func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile {
        try call("open", path) { state in
            if mode == .create {
                guard state.files[path] == nil else { return .failure(.fileExists) }
                guard state.folders.contains(SimulatedDiskState.parent(of: path)) else {
                    return .failure(.noSuchFileOrDirectory)
                }
                let file = SimulatedFile()
                state.files[path] = file
                state.pending.append(.add(path, file))
            }
            guard let file = state.files[path] else { return .failure(.noSuchFileOrDirectory) }
            state.nextHandle += 1
            state.handles[state.nextHandle] = file
            return .success(DiskFile(descriptor: state.nextHandle, path: path))
        }
    }

    /// Closes a file and lets go of its lock.
    public func close(_ file: DiskFile) {
        state.withLock { state in
            state.handles[file.descriptor] = nil
            for (path, holder) in state.locks where holder == file.descriptor {
                state.locks[path] = nil
            }
        }
    }

    /// The size of a file.
    public func byteCount(of file: DiskFile) throws(DiskError) -> Int {
        try call("byteCount", file.path) { state in
            guard let open = state.handles[file.descriptor] else {
                return .failure(.badFileDescriptor)
            }
            return .success(open.bytes.count)
        }
    }

    /// Reads what was written, synced or not.
    public func read(
        _ file: DiskFile, at offset: Int, into target: inout MutableRawSpan
    ) throws(DiskError) -> Int {
        let wanted = target.byteCount
        let bytes: [UInt8] = try call("read", file.path) { state in
            guard let open = state.handles[file.descriptor] else {
                return .failure(.badFileDescriptor)
            }
            let start = min(offset, open.bytes.count)
            return .success(Array(open.bytes[start..<min(start + wanted, open.bytes.count)]))
        }
        target.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
        return bytes.count
    }

    /// Writes into the cache.
    public func write(_ file: DiskFile, at offset: Int, _ source: RawSpan) throws(DiskError) {
        let bytes = source.withUnsafeBytes { Array($0) }
        try call("write", file.path) { state -> Result<Void, Errno> in
            guard let open = state.handles[file.descriptor] else {
                return .failure(.badFileDescriptor)
            }
            let growth = max(0, offset + bytes.count - open.bytes.count)
            guard growth == 0 || growth <= state.capacity - state.usedByteCount else {
                return .failure(.noSpace)
            }
            if !bytes.isEmpty { open.write(bytes, at: offset) }
            return .success(())
        }
    }

    /// Fills with zeros, and syncs.
    public func fillWithZeros(
        _ file: DiskFile, byteCount: Int, stepByteCount: Int
    ) throws(DiskError) {
        let zeros = [UInt8](repeating: 0, count: byteCount)
        try write(file, at: 0, zeros.span.bytes)
        try sync(file)
    }

    /// Cuts a file, in the cache.
    public func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError) {
        try call("truncate", file.path) { state -> Result<Void, Errno> in
            guard let open = state.handles[file.descriptor] else {
                return .failure(.badFileDescriptor)
            }
            open.cut(to: byteCount)
            return .success(())
        }
    }

    /// Makes a file's bytes durable.
    public func sync(_ file: DiskFile) throws(DiskError) {
        try call("sync", file.path) { state -> Result<Void, Errno> in
            guard let open = state.handles[file.descriptor] else {
                return .failure(.badFileDescriptor)
            }
            if !state.syncsLie { open.store() }
            return .success(())
        }
    }

    /// Nothing: there is no cache between this disk's bytes and who reads them.
    public func dropFromCache(_ file: DiskFile) throws(DiskError) {}

    /// Makes a folder's entries durable.
    public func syncFolder(_ path: String) throws(DiskError) {
        try call("syncFolder", path) { state -> Result<Void, Errno> in
            if !state.syncsLie { state.syncFolder(path) }
            return .success(())
        }
    }

    /// Renames, in the cache.
    public func rename(_ path: String, to newPath: String) throws(DiskError) {
        try call("rename", path) { state -> Result<Void, Errno> in
            guard let file = state.files.removeValue(forKey: path) else {
                return .failure(.noSuchFileOrDirectory)
            }
            state.files[newPath] = file
            state.pending.append(.rename(path, newPath, file))
            return .success(())
        }
    }

    /// Removes a name, in the cache.
    public func remove(_ path: String) throws(DiskError) {
        try call("remove", path) { state -> Result<Void, Errno> in
            guard state.files.removeValue(forKey: path) != nil else {
                return .failure(.noSuchFileOrDirectory)
            }
            state.pending.append(.remove(path))
            return .success(())
        }
    }

    /// Locks until the file is closed, or the process is killed.
    public func lock(_ path: String, holder: String) throws(DiskError) -> DiskLock {
        try call("lock", path) { state in
            if state.locks[path] != nil {
                let bytes = state.files[path]?.bytes ?? []
                let text = String(decoding: bytes, as: UTF8.self)
                return .success(.held(by: text.split(separator: "\n").joined(separator: ", ")))
            }
            let file = state.files[path] ?? SimulatedFile()
            if state.files[path] == nil {
                state.files[path] = file
                state.pending.append(.add(path, file))
            }
            file.bytes = []
            file.write(Array(holder.utf8), at: 0)
            state.nextHandle += 1
            state.handles[state.nextHandle] = file
            state.locks[path] = state.nextHandle
            return .success(.acquired(DiskFile(descriptor: state.nextHandle, path: path)))
        }
    }
}
