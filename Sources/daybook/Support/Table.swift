/// Lines of cells in columns, for people.
struct Table {
    private var rows: [[String]] = []

    /// Adds a line.
    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    /// The lines, each column as wide as its widest cell, two blanks between.
    var lines: [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == row.count - 1
                    ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + 2)
            }.joined()
        }
    }
}

extension Output {
    /// Writes a table.
    mutating func table(_ table: Table) throws(CommandFailure) {
        for line in table.lines { try self.line(line) }
    }
}
