/// What a function of the contract returns is not lowered: only what it gives is. One that returned without would trap.
#[test]
fn every_function_of_the_contract_gives_its_result() {
    let source = include_str!("lib.rs");
    let (_, exports) = source.split_once("mod exports {").expect("the exports");
    let functions: Vec<_> = exports.split("\n        fn ").skip(1).collect();
    assert!(functions.len() > 30, "{}", functions.len());
    for function in functions {
        let (name, rest) = function.split_once('(').expect("parameters");
        let (_, body) = rest.split_once(" {\n").expect("a body");
        assert!(body.trim_start().starts_with("give("), "`{name}` returns without giving its result");
    }
}
