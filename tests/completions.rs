//! Completion in real shells: the script that the program prints, read by the shell it is for, completes at every level.
//! A shell that is not installed is skipped, and named.

use std::process::Command;

use crate::program;
use crate::support::process::Folder;

/// What is on the line, the last word being typed; what must be offered, and what must not.
const LINES: [(&[&str], &[&str], &[&str]); 9] = [
    (&[""], &["livehunt", "retrohunt", "ioc-stream", "rules", "config", "completions"], &["rulesets"]),
    (&["ret"], &["retrohunt"], &["livehunt"]),
    (&["livehunt", ""], &["rulesets", "create-ruleset", "notifications"], &["retrohunt", "matches"]),
    (&["retrohunt", "ma"], &["matches"], &["jobs", "rulesets"]),
    (
        &["livehunt", "rulesets", "--"],
        &["--enabled", "--order", "--limit"],
        &["--descriptors-only", "--poll-interval-ms"],
    ),
    (&["ioc-stream", "objects", "--descr"], &["--descriptors-only"], &["--limit"]),
    (&["retrohunt", "jobs", "--status", ""], &["starting", "running", "finished"], &["main"]),
    (&["ioc-stream", "objects", "--origin", "h"], &["hunting"], &["subscriptions"]),
    (&["retrohunt", "create-job", "--corpus", ""], &["main", "goodware"], &["running"]),
];

/// The shell, or nothing where there is none.
fn shell(name: &str) -> Option<Command> {
    let there = Command::new(name).args(["-c", ":"]).output().is_ok_and(|said| said.status.success());
    if !there {
        eprintln!("skipped: {name} is not installed");
    }
    there.then(|| Command::new(name))
}

fn script(shell: &str, folder: &Folder, name: &str) -> String {
    let said = program::run(&["completions", shell], &[], "");
    assert_eq!((said.code, &*said.stderr), (0, ""));
    folder.with(name, &said.stdout)
}

fn said(shell: &mut Command) -> String {
    let said = shell.output().expect("it runs");
    let stderr = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{shell:?}: {stderr}");
    String::from_utf8(said.stdout).expect("text")
}

/// Every line is completed as it should be by what gives the words offered for it.
fn assert_completes(offered: impl Fn(&[&str]) -> Vec<String>) {
    for (line, wanted, unwanted) in LINES {
        let offered = offered(line);
        for word in wanted {
            assert!(offered.iter().any(|offer| offer == word), "{line:?} does not offer {word}: {offered:?}");
        }
        for word in unwanted {
            assert!(!offered.iter().any(|offer| offer == word), "{line:?} offers {word}: {offered:?}");
        }
    }
}

#[test]
fn bash_completes_commands_their_commands_flags_and_values() {
    let Some(_) = shell("bash") else { return };
    let folder = Folder::new();
    let script = script("bash", &folder, "vt-hunting");
    assert_completes(|line| {
        // What bash does at a tab: the function that was registered, with the words and the place.
        let ask = "source \"$1\"; shift
            function=$(complete -p vt-hunting | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
            COMP_WORDS=(vt-hunting \"$@\"); COMP_CWORD=$#
            compopt() { :; }
            $function vt-hunting \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
            printf '%s\\n' \"${COMPREPLY[@]}\"";
        let mut bash = shell("bash").expect("it was there");
        let offered = said(bash.args(["--norc", "-c", ask, "bash", &script]).args(line));
        offered.lines().map(str::to_owned).collect()
    });
}

#[test]
fn fish_completes_commands_their_commands_flags_and_values() {
    let Some(_) = shell("fish") else { return };
    let folder = Folder::new();
    let script = script("fish", &folder, "vt-hunting.fish");
    assert_completes(|line| {
        let mut fish = shell("fish").expect("it was there");
        let ask = format!("source {script}; complete -C 'vt-hunting {}'", line.join(" "));
        // It keeps what it does in the home directory.
        let offered = said(fish.args(["--no-config", "-c", &ask]).env("HOME", folder.path()));
        offered.lines().filter_map(|offer| Some(offer.split('\t').next()?.to_owned())).collect()
    });
}

#[test]
fn zsh_completes_commands_their_commands_flags_and_values() {
    let Some(_) = shell("zsh") else { return };
    let folder = Folder::new();
    script("zsh", &folder, "_vt-hunting");
    // A zsh of its own behind a terminal of its own, whose way to offer words writes them down instead.
    let setup = folder.with(
        "setup.zsh",
        "PROMPT=
        fpath=($FOLDER $fpath)
        autoload -Uz compinit
        compinit -u -D
        compadd() {
            if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"$@\"; return $?; fi
            local -a offered
            builtin compadd -A offered \"$@\"
            local word
            for word in $offered; do print -r -- $word >> $FOLDER/offered; done
            builtin compadd \"$@\"
        }
        finished() { print -r -- offered all >> $FOLDER/offered; exit }
        comppostfuncs=(finished)
        bindkey '^I' complete-word
        # A long list is asked about first, and nobody answers.
        unsetopt auto_list
        # What is typed before the line editor is there is lost.
        ready() { print; print ready }
        zle -N zle-line-init ready",
    );
    assert_completes(|line| {
        let offered = folder.with("offered", "");
        let ask = "zmodload zsh/zpty || exit 3
            zpty inner 'zsh -f -i'
            zpty -w inner \"source $SETUP\"
            while zpty -r inner line; do [[ $line == *ready* ]] && break; done
            zpty -w -n inner \"vt-hunting $LINE\"$'\\t'
            while zpty -r inner line; do :; done
            exit 0";
        let mut zsh = shell("zsh").expect("it was there");
        zsh.args(["-f", "-c", ask]).env("FOLDER", folder.path()).env("SETUP", &setup).env("LINE", line.join(" "));
        said(zsh.env("HOME", folder.path()).env("TERM", "dumb"));
        let offered = std::fs::read_to_string(offered).expect("a file");
        assert!(offered.contains("offered all"), "{line:?}: {offered}");
        offered.lines().map(|word| word.trim_end().to_owned()).collect()
    });
}
