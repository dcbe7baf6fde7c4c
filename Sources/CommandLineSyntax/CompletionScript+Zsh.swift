extension CompletionScript {
    /// The script for zsh: a file for a folder of `fpath`, which can be sourced as well.
    package var zsh: String {
        let name = program.commandName
        return """
            #compdef \(name)

            _\(name)() {
                local at='' flag='' word='' value='' further='' index given=0 asks=''
                local -a commands flags values
                # Which command it is, and whether a flag waits for its value.
                for ((index = 2; index < CURRENT; index++)); do
                    word=$words[index]
                    if [[ -n $flag ]]; then
                        flag=''
                        continue
                    fi
                    case $word in
                        (\(valueFlags.joined(separator: "|"))) flag=$word ;;
                        (-*) ;;
                        (*)
                            case $given$at:$word in
            \(lines(20, zshSteps))
                                (0:help) asks=1 ;;
                                (*) given=$((given + 1)) ;;
                            esac
                            ;;
                    esac
                done
                if [[ -z $flag && $PREFIX == --*=* ]]; then
                    flag=${PREFIX%%=*}
                    compset -P '*='
                fi
                if [[ -n $flag ]]; then
                    case "$at $flag" in
            \(lines(12, zshValues))
                        (*) _message "value of $flag" ;;
                    esac
                    return
                fi
                case $at in
            \(lines(8, zshCommands))
                esac
                if [[ $PREFIX == -* ]]; then
                    _describe -o 'flag' flags
                    return
                fi
                ((given)) || (($#commands == 0)) || _describe 'command' commands
                [[ -z $asks ]] || return
                ((given < $#values)) && value=$values[given+1] || value=$further
                case $value in
                    ('') ;;
                    (files) _files ;;
                    (folders) _files -/ ;;
                    (*) compadd -- ${=value} ;;
                esac
            }

            if [[ $funcstack[1] == _\(name) ]]; then
                _\(name) "$@"
            else
                compdef _\(name) \(name)
            fi

            """
    }

    private func lines(_ margin: Int, _ lines: [String]) -> String {
        lines.map { String(repeating: " ", count: margin) + $0 }.joined(separator: "\n")
    }

    private var zshSteps: [String] {
        steps.map { from, words, to in "(\(words.map { "0\(from):\($0)" }.joined(separator: "|"))) at=\(to) ;;" }
    }

    private var zshValues: [String] {
        values.map { value, flags in
            let pattern = flags.map { path, flag in path.map { "'\($0) \(flag)'" } ?? "*' \(flag)'" }
            let action =
                switch value {
                case .files: "_files"
                case .folders: "_files -/"
                case .words(let words): "compadd -- \(words.joined(separator: " "))"
                case .other: ""
                }
            return "(\(pattern.joined(separator: "|"))) \(action) ;;"
        }
    }

    private var zshCommands: [String] {
        nodes.map { node in
            var parts: [String] = []
            if !node.commands.isEmpty {
                var commands = node.commands.flatMap { command in
                    ([command.commandName] + (command.aliases ?? []).filter { $0.count > 2 }).map {
                        described($0, command.abstract)
                    }
                }
                if node.path.isEmpty { commands.append(described("help", "Show a command's help")) }
                parts.append("commands=(\(commands.joined(separator: " ")))")
            }
            let flags = node.flags.flatMap { flag in flag.flags.map { described($0, flag.abstract) } }
            parts.append("flags=(\(flags.joined(separator: " ")))")
            let (places, further) = Self.arguments(of: node.command)
            if !places.isEmpty { parts.append("values=(\(places.map(zshWords).joined(separator: " ")))") }
            if further != .other { parts.append("further=\(zshWords(further))") }
            return "('\(node.path)') \(parts.joined(separator: " ")) ;;"
        }
    }

    private func zshWords(_ value: Value) -> String {
        switch value {
        case .files: "files"
        case .folders: "folders"
        case .words(let words): "'\(words.joined(separator: " "))'"
        case .other: "''"
        }
    }

    private func described(_ name: String, _ abstract: String?) -> String {
        Self.quoted("\(name):\(Self.summary(abstract))")
    }
}
