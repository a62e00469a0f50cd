//! The call of `wit_bindgen::generate!`: a world that imports what the contract's world exports, and what serde is to know
//! of each type.

use std::fmt::Write as _;

use wit_parser::TypeDefKind;

use crate::Result;
use crate::contract::Contract;

pub(crate) fn source(contract: &Contract) -> Result<String> {
    let mut imports = String::new();
    let mut types = String::new();
    let mut members = String::new();
    for interface in &contract.interfaces {
        let path = contract.interface_path(*interface)?;
        writeln!(imports, "import {path};")?;
        for (name, id) in &contract.resolve.interfaces[*interface].types {
            match &contract.resolve.types[*id].kind {
                TypeDefKind::Record(record) => {
                    writeln!(types, "{:?}: [#[serde(deny_unknown_fields)]],", format!("{path}/{name}"))?;
                    for field in &record.fields {
                        let selector = format!("{path}/{name}.{}", field.name);
                        if let Some(read) = contract.strict(&field.ty) {
                            let with = format!("deserialize_with = \"crate::strict::{read}\"");
                            let default = if read == "one" { "" } else { "default, " };
                            writeln!(members, "{selector:?}: [#[serde({default}{with})]],")?;
                        } else if let Some((_, TypeDefKind::List(item))) = contract.kind(&field.ty) {
                            let bytes = matches!(item, wit_parser::Type::U8);
                            // Bytes are written as hexadecimal digits, as everything here shows them.
                            let with = if bytes { ", serialize_with = \"crate::answer::hexadecimal\"" } else { "" };
                            writeln!(members, "{selector:?}: [#[serde(default{with})]],")?;
                        }
                    }
                }
                TypeDefKind::Enum(_) => {
                    writeln!(types, "{:?}: [#[serde(rename_all = \"kebab-case\")]],", format!("{path}/{name}"))?;
                }
                _ => {}
            }
        }
    }
    Ok(format!(
        "wit_bindgen::generate!({{
    path: \"../wit\",
    inline: {:?},
    world: \"virustotal:hunting-gateway/gateway\",
    generate_all,
    additional_derives: [serde::Serialize, serde::Deserialize],
    additional_type_attributes: {{ {types} }},
    additional_member_attributes: {{ {members} }},
}});",
        format!("package virustotal:hunting-gateway; world gateway {{ {imports} }}")
    ))
}
