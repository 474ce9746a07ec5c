//! What compiles and what does not: one file a case, one defect a case.
//!
//! Cases that compile are part of this test, so that the compiler sees them with everything else;
//! cases that do not are compiled one by one, and their messages compared.

/// Declares one module a case, and a list of all of them.
macro_rules! compiles {
    ($($attribute:ident { $($case:ident,)* })*) => {
        $(mod $attribute {
            $(mod $case {
                include!(concat!("ui/", stringify!($attribute), "/pass/", stringify!($case), ".rs"));

                #[test]
                fn is_mounted() {
                    main();
                }
            })*
        })*

        const COMPILES: &[(&str, &[&str])] =
            &[$((stringify!($attribute), &[$(stringify!($case)),*])),*];
    };
}

compiles! {
    blocks {
        of_a_real_application,
    }
    deny_by_default {
        below_an_attribute,
        default,
        impl_block,
        inside_bodies,
        module,
        roles,
        tests_inside,
        written_by_a_macro,
    }
    protected {
        config,
        module,
        routes,
    }
    public {
        above_the_route,
        below_the_route,
        origins,
        overrides,
        with_maybe_authenticated,
        with_runtime_path,
    }
    require {
        by_a_macro,
        forms,
        with_runtime_path,
    }
    requirement {
        alone,
        authorized,
        behind_cfg,
        by_path,
        with_arguments,
        with_arguments_by_a_macro,
        with_questions,
        with_runtime_path,
    }
    requires {
        acr,
        all,
        any,
        around_the_route,
        authenticated,
        check,
        check_async,
        check_below_utoipa,
        check_destructured,
        check_generic,
        check_in_an_impl_block,
        check_on_a_module,
        max_age,
        nested,
        not,
        options,
        permission,
        policy,
        policy_by_path,
        policy_generic,
        role,
        scheme_name,
        scheme_string,
        scope,
        two_kinds,
    }
    requires_auth {
        above_the_route,
        above_utoipa,
        around_a_scope,
        behind_cfg,
        behind_cfg_attr,
        below_the_route,
        below_utoipa,
        by_path,
        destructured_arguments,
        elided_lifetime,
        generic_handler,
        generic_impl_block,
        impl_block,
        impl_trait_argument,
        imported_under_another_name,
        inside_a_scope,
        lifetime,
        module,
        mounted_twice,
        mut_argument,
        one_argument,
        other_attributes,
        raw_identifier,
        re_exported,
        returns_a_stream,
        returns_responder,
        returns_response,
        returns_result,
        route_by_path,
        route_of_two_methods,
        routes,
        routes_above,
        sixteen_arguments,
        with_hide,
        with_parentheses,
        with_runtime_path,
        written_by_a_macro,
    }
    requires_permission {
        all,
        any,
        hide,
        not,
        one,
        one_word,
        three_parts,
    }
    requires_role {
        all,
        any,
        comma_at_the_end,
        hide,
        nested,
        not,
        one,
        raw_string,
        unicode,
    }
    requires_scope {
        all,
        any,
        hide,
        not,
        one,
    }
    role {
        any,
        by_absolute_path,
        in_an_expression,
        one,
    }
}

#[test]
fn every_case_that_compiles_is_declared() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let mut found: Vec<String> = std::fs::read_dir(root)
        .expect("the cases are there")
        .filter_map(|attribute| {
            let attribute = attribute.ok()?;
            let name = attribute.file_name().into_string().ok()?;
            Some((name, std::fs::read_dir(attribute.path().join("pass")).ok()?))
        })
        .flat_map(|(attribute, cases)| {
            cases.filter_map(move |case| {
                let case = case.ok()?.path();
                Some(format!("{attribute}/{}", case.file_stem()?.to_str()?))
            })
        })
        .collect();
    found.sort();
    let declared: Vec<String> = COMPILES
        .iter()
        .flat_map(|(attribute, cases)| cases.iter().map(move |case| format!("{attribute}/{case}")))
        .collect();
    assert_eq!(found, declared);
}

#[test]
fn what_does_not_compile_says_why() {
    if !auth_tests::is_expected_compiler("messages of the compiler") {
        return;
    }
    trybuild::TestCases::new().compile_fail("ui/*/fail/*.rs");
}
