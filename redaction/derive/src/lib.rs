//! `#[derive(Redact)]`: a record is redacted field by field, a variant in whichever case it is.
#![forbid(unsafe_code)]

use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Error, Fields, parse_macro_input};

/// Implements `virustotal_hunting_redaction::Redact` by redacting every field.
#[proc_macro_derive(Redact)]
pub fn redact(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let cases = match &input.data {
        Data::Struct(data) => case(quote!(Self), &data.fields),
        Data::Enum(data) => data
            .variants
            .iter()
            .map(|variant| {
                let name = &variant.ident;
                case(quote!(Self::#name), &variant.fields)
            })
            .collect(),
        Data::Union(data) => {
            return Error::new_spanned(data.union_token, "a union cannot be redacted").to_compile_error().into();
        }
    };
    let name = &input.ident;
    let (parameters, arguments, conditions) = input.generics.split_for_impl();
    quote! {
        impl #parameters ::virustotal_hunting_redaction::Redact for #name #arguments #conditions {
            #[allow(unused_variables)]
            fn redact(&mut self, redactor: &::virustotal_hunting_redaction::Redactor<'_>) {
                match self { #cases }
            }
        }
    }
    .into()
}

/// One arm of the `match`: all fields of one case.
fn case(path: proc_macro2::TokenStream, fields: &Fields) -> proc_macro2::TokenStream {
    let members: Vec<_> = fields.members().collect();
    let names: Vec<_> = (0..members.len()).map(|at| format_ident!("field{at}")).collect();
    quote! {
        #path { #(#members: #names),* } => { #(::virustotal_hunting_redaction::Redact::redact(#names, redactor);)* }
    }
}
