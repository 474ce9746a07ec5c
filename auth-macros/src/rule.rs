//! The names of all rules, so that a test can ask for a fail case of each.

/// Declares [`Rule`] and, for the tests, the list of all its names.
macro_rules! rules {
    ($($(#[$prose:meta])* $variant:ident => $name:literal,)*) => {
        /// What an annotation can get wrong. The prose stands where the rule is enforced.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Rule {
            $($(#[$prose])* $variant,)*
        }

        #[cfg(test)]
        impl Rule {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

rules! {
    // Literals.
    EmptyString => "empty_string",
    SurroundingWhitespace => "surrounding_whitespace",
    ControlCharacter => "control_character",
    ScopeCharacter => "scope_character",
    PermissionPart => "permission_part",
    PermissionWildcard => "permission_wildcard",
    SchemeName => "scheme_name",
    AcrCharacter => "acr_character",
    Duration => "duration",
    // The grammar of arguments.
    AnyOrAll => "any_or_all",
    TakesOne => "takes_one",
    EmptyGroup => "empty_group",
    StrayComma => "stray_comma",
    MissingRequirement => "missing_requirement",
    MissingArgument => "missing_argument",
    UnexpectedRequirement => "unexpected_requirement",
    UnknownArgument => "unknown_argument",
    UnknownForm => "unknown_form",
    Operator => "operator",
    TrailingTokens => "trailing_tokens",
    BareLiteral => "bare_literal",
    ExpectedLiteral => "expected_literal",
    PolicyPath => "policy_path",
    PolicySelf => "policy_self",
    CheckClosure => "check_closure",
    CheckParameter => "check_parameter",
    CheckArgument => "check_argument",
    NamedForm => "named_form",
    NamedParameter => "named_parameter",
    NamedArgument => "named_argument",
    NamedCycle => "named_cycle",
    OptionTwice => "option_twice",
    TwoOrigins => "two_origins",
    OptionFirst => "option_first",
    OptionValue => "option_value",
    AttributeForm => "attribute_form",
    // Logic.
    NotAuthenticated => "not_authenticated",
    Duplicate => "duplicate",
    Contradiction => "contradiction",
    Tautology => "tautology",
    // Several annotations on one item.
    SameAttributeTwice => "same_attribute_twice",
    PublicBesideRequirement => "public_beside_requirement",
    NothingToOverride => "nothing_to_override",
    OverridingBlock => "overriding_block",
    PublicWithoutReason => "public_without_reason",
    EmptyReason => "empty_reason",
    TwoRuntimePaths => "two_runtime_paths",
    // The handler.
    ArgumentAttribute => "argument_attribute",
    OptionalGuard => "optional_guard",
    WrittenGuard => "written_guard",
    TooManyArguments => "too_many_arguments",
    SelfOutsideImplBlock => "self_outside_impl_block",
    // Deny by default.
    DenyTarget => "deny_target",
    DenyArgument => "deny_argument",
    NoDecision => "no_decision",
    // Mount points.
    MountPointCheck => "mount_point_check",
    // Role types.
    RoleNotAnEnum => "role_not_an_enum",
    RoleGeneric => "role_generic",
    RoleEmpty => "role_empty",
    RoleFields => "role_fields",
    RoleName => "role_name",
    RoleAttribute => "role_attribute",
    RoleGrant => "role_grant",
    RoleImpliesUnknown => "role_implies_unknown",
    RoleCycle => "role_cycle",
    // The target.
    TargetStruct => "target_struct",
    TargetEnum => "target_enum",
    TargetUnion => "target_union",
    TargetConst => "target_const",
    TargetStatic => "target_static",
    TargetTrait => "target_trait",
    TargetTypeAlias => "target_type_alias",
    TargetUse => "target_use",
    TargetMacroCall => "target_macro_call",
    TargetOther => "target_other",
    TargetBodiless => "target_bodiless",
    TargetReceiver => "target_receiver",
    TargetNotAsync => "target_not_async",
    TargetConstFunction => "target_const_function",
    TargetUnsafe => "target_unsafe",
    TargetExtern => "target_extern",
    TargetVariadic => "target_variadic",
    TargetTraitImpl => "target_trait_impl",
    TargetTraitFunction => "target_trait_function",
    TargetModuleFile => "target_module_file",
    // Blocks.
    NoHandler => "no_handler",
    HiddenByCfgAttr => "hidden_by_cfg_attr",
    MacroInBlock => "macro_in_block",
    InsideABody => "inside_a_body",
    ImplInsideABody => "impl_inside_a_body",
    UnprotectedInATrait => "unprotected_in_a_trait",
    UnseenItem => "unseen_item",
    ExemptRoute => "exempt_route",
    NothingToExempt => "nothing_to_exempt",
}
