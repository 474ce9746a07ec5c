//! Writing the implementations of a role type.

use proc_macro2::TokenStream;
use quote::quote;

use super::{RoleType, closure::Closure};

pub(super) fn implementation(role_type: &RoleType, closure: &Closure) -> TokenStream {
    let RoleType {
        name,
        variants,
        runtime,
    } = role_type;
    let private = runtime.private();
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let satisfied_by = closure.satisfied_by.iter().map(|roles| {
        let names = roles.iter().filter_map(|role| names.get(*role));
        quote!(&[#(#names),*])
    });
    let grants = closure.grants.iter().map(|grants| quote!(&[#(#grants),*]));
    let others = other_implementations(role_type);
    quote! {
        #[automatically_derived]
        impl #private::RoleType for #name {
            const ALL: &'static [Self] = &[#(Self::#idents),*];

            fn set(self) -> #private::RoleSet {
                match self {
                    #(Self::#idents => #private::RoleSet { name: #names, satisfied_by: #satisfied_by },)*
                }
            }

            fn grants(self) -> &'static [&'static ::core::primitive::str] {
                match self {
                    #(Self::#idents => #grants,)*
                }
            }
        }

        #others
    }
}

/// What uses of a role type need that has a mistake, so that it is reported alone.
pub(super) fn stand_in(role_type: &RoleType) -> TokenStream {
    let RoleType { name, runtime, .. } = role_type;
    let private = runtime.private();
    let others = other_implementations(role_type);
    quote! {
        #[automatically_derived]
        impl #private::RoleType for #name {
            const ALL: &'static [Self] = &[];
            fn set(self) -> #private::RoleSet {
                #private::RoleSet { name: "", satisfied_by: &[] }
            }
            fn grants(self) -> &'static [&'static ::core::primitive::str] {
                &[]
            }
        }

        #others
    }
}

/// What follows from the names.
fn other_implementations(role_type: &RoleType) -> TokenStream {
    let RoleType {
        name,
        variants,
        runtime,
    } = role_type;
    let private = runtime.private();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let otherwise = names.iter().map(|near| {
        format!("there is no role of this name; there is one of a similar name: `{near}`")
    });
    quote! {
        #[automatically_derived]
        impl #name {
            #[doc(hidden)]
            pub const __AUTH_NAMES: &'static [#private::NameOfRole] =
                &[#(#private::NameOfRole { name: #names, otherwise: #otherwise }),*];
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(#private::RoleType::name(*self))
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            type Err = #private::UnknownRole;

            fn from_str(name: &::core::primitive::str) -> ::core::result::Result<Self, #private::UnknownRole> {
                #private::RoleType::from_name(name)
                    .ok_or(#private::UnknownRole::new(&[#(#names),*]))
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<#name> for #private::String {
            fn from(role: #name) -> Self {
                #private::RoleType::name(role).into()
            }
        }

        #[automatically_derived]
        impl #private::serde::Serialize for #name {
            fn serialize<S: #private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(#private::RoleType::name(*self))
            }
        }

        #[automatically_derived]
        impl<'de> #private::serde::Deserialize<'de> for #name {
            fn deserialize<D: #private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                #private::deserialize_role(deserializer, &[#(#names),*])
            }
        }
    }
}
