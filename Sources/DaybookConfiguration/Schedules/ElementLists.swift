import Foundation

/// Reads the files of `lists/`: elements for which schedules are made (`forEach: { file: … }`).
///
/// Every form becomes the same tree, a list of names and maps:
///
/// - `.yaml`, `.yml` and `.json` hold that list;
/// - `.txt` holds a name in a line, blank lines and lines that begin with `#` aside;
/// - `.csv` (RFC 4180, with a header) has the column `name`, and others that name a field of an
///   element, such as `enabled`, `parameters.Region` or `alerts.onFailure`. An empty cell is a
///   field that does not stand; several names in a cell are parted by blanks or semicolons.
enum ElementLists {
    static let extensions = ["yaml", "yml", "json", "txt", "csv"]
    /// Fields of which a cell holds several names.
    private static let lists: Set<String> = ["tags", "limits", "retryOn", "noRetryOn"]

    /// The tree of a file; `nil` after a problem was noted.
    static func read(
        _ path: String, _ reader: inout FolderReader, _ log: inout ProblemLog
    ) -> SourceNode? {
        let kind = path.split(separator: ".").last.map(String.init) ?? ""
        switch kind {
        case "yaml", "yml", "json": return reader.tree(path, &log)
        case "txt", "csv": break
        default:
            log.warning(
                SourcePlace(path), "", "this is not read",
                "lists stand in lists/*.yaml, *.json, *.csv and *.txt")
            return nil
        }
        guard let bytes = reader.bytes(path, Limits.yamlByteCountMax, &log) else { return nil }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            log.error(SourcePlace(path), "", "the file is not UTF-8 text", "save it as UTF-8")
            return nil
        }
        return kind == "txt" ? lines(text, path) : table(text, path, &log)
    }

    private static func lines(_ text: String, _ path: String) -> SourceNode {
        var items: [SourceNode] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let name = line.trimmingCharacters(in: .whitespaces.union(.newlines))
            if name.isEmpty || name.hasPrefix("#") { continue }
            items.append(SourceNode(.text(name), SourcePlace(path, index + 1, 1)))
        }
        return SourceNode(.list(items), SourcePlace(path, 1, 1))
    }

    // MARK: Tables

    private static func table(
        _ text: String, _ path: String, _ log: inout ProblemLog
    ) -> SourceNode? {
        var rows: [TableReader.Row]
        do throws(SourceError) {
            rows = try TableReader.rows(of: text, file: path)
        } catch {
            log.error(error.place, "", error.message, error.remedy)
            return nil
        }
        rows.removeAll { $0.cells == [""] }
        guard let header = rows.first, header.cells.contains("name") else {
            log.error(
                SourcePlace(path, 1), "name", "the first line names no column 'name'",
                "begin the file with a header such as name,enabled,parameters.Region")
            return nil
        }
        if let twice = header.cells.first(where: { name in
            header.cells.count { $0 == name } > 1
        }) {
            log.error(
                SourcePlace(path, header.line), twice, "the column \(shown(twice)) stands twice",
                "rename one of the two")
            return nil
        }
        var items: [SourceNode] = []
        for row in rows.dropFirst() {
            if row.cells.count != header.cells.count {
                log.error(
                    SourcePlace(path, row.line), "",
                    "the line has \(row.cells.count) cells, and the header "
                        + "\(header.cells.count)",
                    "put a cell that holds a comma between quotes")
                continue
            }
            items.append(element(header.cells, row, path))
        }
        return SourceNode(.list(items), SourcePlace(path, 1, 1))
    }

    private static func element(
        _ columns: [String], _ row: TableReader.Row, _ path: String
    ) -> SourceNode {
        let place = SourcePlace(path, row.line, 1)
        var members: [SourceMember] = []
        for (column, cell) in zip(columns, row.cells) where !cell.isEmpty {
            let parts = column.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                let value = SourceNode(value(of: cell, column), place)
                members.append(SourceMember(key: column, place: place, value: value))
                continue
            }
            let isList = parts[0] == "alerts"
            let inner = SourceMember(
                key: parts[1], place: place,
                value: SourceNode(isList ? names(cell, place) : .text(cell), place))
            if let index = members.firstIndex(where: { $0.key == parts[0] }),
                let known = members[index].value.members
            {
                members[index].value.value = .map(known + [inner])
            } else {
                members.append(
                    SourceMember(
                        key: parts[0], place: place, value: SourceNode(.map([inner]), place)))
            }
        }
        return SourceNode(.map(members), place)
    }

    private static func value(of cell: String, _ column: String) -> SourceNode.Value {
        if column == "name" { return .text(cell) }
        if lists.contains(column) { return names(cell, SourcePlace("")) }
        switch cell {
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            let isNumber = cell.utf8.allSatisfy { (48...57).contains($0) }
            return isNumber ? .number(cell) : .text(cell)
        }
    }

    private static func names(_ cell: String, _ place: SourcePlace) -> SourceNode.Value {
        .list(
            cell.split { $0 == ";" || $0 == " " }.map { SourceNode(.text(String($0)), place) })
    }
}

/// Reads tables of comma-separated values (RFC 4180).
enum TableReader {
    /// A line of the table; a quoted cell may hold line ends.
    struct Row {
        var line: Int
        var cells: [String]
    }

    /// The rows of a text; cells lose the blanks around them unless they are quoted.
    static func rows(of text: String, file: String) throws(SourceError) -> [Row] {
        var rows: [Row] = []
        var row = Row(line: 1, cells: [])
        var cell = ""
        var (isQuoted, wasQuoted) = (false, false)
        var line = 1
        func ended() -> String {
            wasQuoted ? cell : cell.trimmingCharacters(in: .whitespaces)
        }
        var scalars = text.unicodeScalars.makeIterator()
        var next = scalars.next()
        while let scalar = next {
            next = scalars.next()
            if scalar == "\n" { line += 1 }
            if isQuoted {
                if scalar != "\"" {
                    cell.unicodeScalars.append(scalar)
                } else if next == "\"" {
                    cell.unicodeScalars.append(scalar)
                    next = scalars.next()
                } else {
                    isQuoted = false
                }
                continue
            }
            switch scalar {
            case "\"" where !wasQuoted && cell.allSatisfy(\.isWhitespace):
                (isQuoted, wasQuoted, cell) = (true, true, "")
            case ",":
                row.cells.append(ended())
                (cell, wasQuoted) = ("", false)
            case "\n":
                row.cells.append(ended())
                rows.append(row)
                row = Row(line: line, cells: [])
                (cell, wasQuoted) = ("", false)
            case "\r": break
            case _ where wasQuoted && scalar != " ":
                throw SourceError(
                    SourcePlace(file, line), "text follows a quoted cell",
                    "write a quote within a cell twice")
            default: if !wasQuoted { cell.unicodeScalars.append(scalar) }
            }
        }
        if isQuoted {
            throw SourceError(
                SourcePlace(file, row.line), "a quoted cell is not closed", "end it with a quote")
        }
        if !cell.isEmpty || wasQuoted || !row.cells.isEmpty {
            row.cells.append(ended())
            rows.append(row)
        }
        return rows
    }
}
