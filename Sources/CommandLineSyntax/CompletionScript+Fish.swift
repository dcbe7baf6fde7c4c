extension CompletionScript {
    /// The script for fish, 3.0 or later.
    package var fish: String {
        let name = program.commandName
        let steps = steps.map { from, words, to in
            "            case \(words.map { "'0\(from):\($0)'" }.joined(separator: " "))\n                set at \(to)"
        }
        return """
            # fish completion for \(name): put this file into ~/.config/fish/completions.

            # The command that the words before the cursor name, after how many other words there are.
            function __\(name)_at
                set -l at ''
                set -l given 0
                set -l flag ''
                for word in (commandline -opc)[2..-1]
                    if test -n "$flag"
                        set flag ''
                        continue
                    end
                    switch $word
                        case \(valueFlags.joined(separator: " "))
                            set flag $word
                            continue
                        case '-*'
                            continue
                    end
                    switch "$given$at:$word"
            \(steps.joined(separator: "\n"))
                        case '0:help'
                            set at help
                        case '*'
                            set given (math $given + 1)
                    end
                end
                echo "$given$at"
            end

            # Whether it is that command.
            function __\(name)_in
                string match -qr '^[0-9]+'"$argv[1]"'$' -- (__\(name)_at)
            end

            # Whether it is that command, with so many words given: an expression.
            function __\(name)_after
                string match -qr '^'"$argv[1]$argv[2]"'$' -- (__\(name)_at)
            end

            # Whether it is that command, and nothing was given yet.
            function __\(name)_starts
                test (__\(name)_at) = "0$argv[1]"
            end

            complete -c \(name) -f
            complete -c \(name) -n "__\(name)_starts ''" -a help -d "Show a command's help"
            \(nodes.flatMap(fishCommands).joined(separator: "\n"))

            """
    }

    private func fishCommands(_ node: Node) -> [String] {
        let start = "complete -c \(program.commandName) -n \"__\(program.commandName)_"
        var lines: [String] = []
        for command in node.commands {
            let names = ([command.commandName] + (command.aliases ?? []).filter { $0.count > 2 }).joined(separator: " ")
            lines.append("\(start)starts '\(node.path)'\" -a \(Self.quoted(names)) -d \(fishText(command.abstract))")
            if node.path.isEmpty {
                lines.append("\(start)starts help\" -a \(command.commandName) -d \(fishText(command.abstract))")
            }
        }
        for flag in node.flags {
            let names = flag.flags.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }
            let value =
                flag.kind == .flag ? "" : " " + fishValue(Self.value(of: flag), isRequired: true)
            let text = "\(start)in '\(node.path)'\" \(names.joined(separator: " "))\(value)"
            lines.append("\(text) -d \(fishText(flag.abstract))")
        }
        let (places, further) = Self.arguments(of: node.command)
        for (place, value) in places.enumerated() where value != .other {
            lines.append("\(start)after \(place) '\(node.path)'\" \(fishValue(value, isRequired: false))")
        }
        if further != .other {
            // One digit will do for the places before.
            let count = places.isEmpty ? "[0-9]+" : "([\(places.count)-9]|[0-9][0-9]+)"
            lines.append("\(start)after '\(count)' '\(node.path)'\" \(fishValue(further, isRequired: false))")
        }
        return lines
    }

    private func fishValue(_ value: Value, isRequired: Bool) -> String {
        switch value {
        case .files: isRequired ? "-r -F" : "-F"
        case .folders: "\(isRequired ? "-x " : "")-a '(__fish_complete_directories)'"
        case .words(let words): "\(isRequired ? "-x " : "")-a \(Self.quoted(words.joined(separator: " ")))"
        case .other: "-x"
        }
    }

    /// In single quotes fish knows two escapes.
    private func fishText(_ abstract: String?) -> String {
        "'" + Self.summary(abstract).replacing(#"\"#, with: #"\\"#).replacing("'", with: #"\'"#) + "'"
    }
}
