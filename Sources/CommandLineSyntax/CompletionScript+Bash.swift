extension CompletionScript {
    /// The script for bash, 3.2 or later.
    package var bash: String {
        let name = program.commandName
        return """
            # bash completion for \(name): source this file, or put it into bash-completion's folder.

            _\(name)_files() {
                local IFS=$'\\n'
                compopt -o filenames 2>/dev/null
                COMPREPLY+=($(compgen "$1" -- "$cur"))
            }

            _\(name)() {
                local cur=${COMP_WORDS[COMP_CWORD]} at= flag= word index given=0 asks=
                local commands= others= flags= value= further=
                local -a values=()
                COMPREPLY=()
                # Which command it is, and whether a flag waits for its value. Bash takes = and : for words of their own.
                for ((index = 1; index < COMP_CWORD; index++)); do
                    word=${COMP_WORDS[index]}
                    if [ "$word" = : ]; then
                        index=$((index + 1))
                    elif [ "$word" = = ]; then
                        [ -n "$flag" ] || index=$((index + 1))
                    elif [ -n "$flag" ]; then
                        flag=
                    else
                        case $word in
                            \(valueFlags.joined(separator: "|"))) flag=$word ;;
                            -*) ;;
                            *)
                                case $given$at:$word in
            \(lines(24, bashSteps))
                                    0:help) asks=1 ;;
                                    *) given=$((given + 1)) ;;
                                esac
                                ;;
                        esac
                    fi
                done
                [ "$cur" != = ] || cur=
                if [ -n "$flag" ]; then
                    case "$at $flag" in
            \(lines(12, bashValues))
                    esac
                    return
                fi
                case $at in
            \(lines(8, bashCommands))
                esac
                if [[ $cur == -* ]]; then
                    COMPREPLY=($(compgen -W "$flags" -- "$cur"))
                    return
                fi
                if [ "$given" = 0 ]; then
                    COMPREPLY=($(compgen -W "$commands" -- "$cur"))
                    [ ${#COMPREPLY[@]} != 0 ] || COMPREPLY=($(compgen -W "$others" -- "$cur"))
                fi
                [ -z "$asks" ] || return
                value=${values[given]-$further}
                case $value in
                    -*) _\(name)_files $value ;;
                    *) COMPREPLY+=($(compgen -W "$value" -- "$cur")) ;;
                esac
            }

            complete -F _\(name) \(name)

            """
    }

    private func lines(_ margin: Int, _ lines: [String]) -> String {
        lines.map { String(repeating: " ", count: margin) + $0 }.joined(separator: "\n")
    }

    private var bashSteps: [String] {
        steps.map { from, words, to in "\(words.map { "0\(from):\($0)" }.joined(separator: "|"))) at=\(to) ;;" }
    }

    private var bashValues: [String] {
        values.map { value, flags in
            let pattern = flags.map { path, flag in path.map { "'\($0) \(flag)'" } ?? "*' \(flag)'" }
            let action =
                switch value {
                case .files: "_\(program.commandName)_files -f"
                case .folders: "_\(program.commandName)_files -d"
                case .words(let words): "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\"))"
                case .other: ""
                }
            return "\(pattern.joined(separator: "|"))) \(action) ;;"
        }
    }

    private func bashWords(_ value: Value) -> String {
        switch value {
        case .files: "-f"
        case .folders: "-d"
        case .words(let words): "'\(words.joined(separator: " "))'"
        case .other: "''"
        }
    }

    private var bashCommands: [String] {
        nodes.map { node in
            var parts: [String] = []
            var commands = node.commands.map(\.commandName)
            if node.path.isEmpty { commands.append("help") }
            if !node.commands.isEmpty {
                parts.append("commands='\(commands.joined(separator: " "))'")
                let others = node.commands.flatMap { $0.aliases ?? [] }
                if !others.isEmpty { parts.append("others='\(others.joined(separator: " "))'") }
            }
            parts.append("flags='\(node.flags.flatMap(\.flags).joined(separator: " "))'")
            let (places, further) = Self.arguments(of: node.command)
            if !places.isEmpty { parts.append("values=(\(places.map(bashWords).joined(separator: " ")))") }
            if further != .other { parts.append("further=\(bashWords(further))") }
            return "'\(node.path)') \(parts.joined(separator: " ")) ;;"
        }
    }
}
