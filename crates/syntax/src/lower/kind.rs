//! The grammar's node kinds as an enum, resolved once per language from their names.

use crate::ast::{BinaryOp, UnaryOp};

macro_rules! kinds {
    ($($group:ident { $($kind:ident = $name:literal),* $(,)? })*) => {
        /// A kind of node or token that the lowering tells apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind {
            /// Any other token.
            Other,
            /// What did not parse, and tokens that are missing.
            Error,
            $($($kind,)*)*
        }

        /// What a kind is good for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Group {
            Other,
            $($group,)*
        }

        impl Kind {
            pub(super) const fn group(self) -> Group {
                match self {
                    Kind::Other | Kind::Error => Group::Other,
                    $($(Kind::$kind => Group::$group,)*)*
                }
            }

            fn named(name: &str) -> Kind {
                match name {
                    $($($name => Kind::$kind,)*)*
                    _ => Kind::Other,
                }
            }
        }
    };
}

kinds! {
    Expr {
        Identifier = "identifier", BlankIdentifier = "blank_identifier", FieldIdentifier = "field_identifier",
        TypeIdentifier = "type_identifier", PackageIdentifier = "package_identifier", LabelName = "label_name",
        Dot = "dot", Nil = "nil", True = "true", False = "false", Iota = "iota",
        IntLiteral = "int_literal", FloatLiteral = "float_literal", ImaginaryLiteral = "imaginary_literal",
        RuneLiteral = "rune_literal", InterpretedString = "interpreted_string_literal",
        RawString = "raw_string_literal",
        UnaryExpr = "unary_expression", BinaryExpr = "binary_expression", SelectorExpr = "selector_expression",
        IndexExpr = "index_expression", SliceExpr = "slice_expression", CallExpr = "call_expression",
        TypeAssertion = "type_assertion_expression", TypeConversion = "type_conversion_expression",
        TypeInstantiation = "type_instantiation_expression", CompositeLiteral = "composite_literal",
        FuncLiteral = "func_literal", ParenExpr = "parenthesized_expression",
        LiteralValue = "literal_value", LiteralElement = "literal_element", KeyedElement = "keyed_element",
        ParenType = "parenthesized_type", GenericType = "generic_type", QualifiedType = "qualified_type",
        PointerType = "pointer_type", ArrayType = "array_type", SliceType = "slice_type", StructType = "struct_type", NegatedType = "negated_type",
        InterfaceType = "interface_type", MapType = "map_type", ChannelType = "channel_type",
        FunctionType = "function_type", TypeElem = "type_elem", TypeConstraint = "type_constraint",
    }
    Simple {
        ExprStmt = "expression_statement", SendStmt = "send_statement", ReceiveStmt = "receive_statement",
        IncStmt = "inc_statement", DecStmt = "dec_statement", AssignStmt = "assignment_statement",
        ShortVarDecl = "short_var_declaration",
    }
    Stmt {
        ReturnStmt = "return_statement", GoStmt = "go_statement", DeferStmt = "defer_statement",
        IfStmt = "if_statement", ForStmt = "for_statement", ExprSwitch = "expression_switch_statement",
        TypeSwitch = "type_switch_statement", SelectStmt = "select_statement", LabeledStmt = "labeled_statement",
        FallthroughStmt = "fallthrough_statement", BreakStmt = "break_statement",
        ContinueStmt = "continue_statement", GotoStmt = "goto_statement", Block = "block",
        EmptyStmt = "empty_statement",
    }
    Declaration {
        ImportDecl = "import_declaration", ConstDecl = "const_declaration", VarDecl = "var_declaration",
        TypeDecl = "type_declaration",
    }
    Top {
        PackageClause = "package_clause", FuncDecl = "function_declaration", MethodDecl = "method_declaration",
    }
    Part {
        SourceFile = "source_file", Comment = "comment",
        ImportSpec = "import_spec", ImportSpecList = "import_spec_list", ConstSpec = "const_spec",
        VarSpec = "var_spec", VarSpecList = "var_spec_list", TypeSpec = "type_spec", TypeAlias = "type_alias",
        TypeParams = "type_parameter_list", TypeParam = "type_parameter_declaration", Params = "parameter_list",
        Param = "parameter_declaration", VariadicParam = "variadic_parameter_declaration",
        FieldDeclList = "field_declaration_list", FieldDecl = "field_declaration", MethodElem = "method_elem",
        TypeArgs = "type_arguments", ExprList = "expression_list", ArgList = "argument_list",
        VariadicArg = "variadic_argument", StmtList = "statement_list", ForClause = "for_clause",
        RangeClause = "range_clause", ExprCase = "expression_case", DefaultCase = "default_case",
        TypeCase = "type_case", CommCase = "communication_case",
    }
    Token {
        OrOr = "||", AndAnd = "&&", EqEq = "==", NotEq = "!=", Lt = "<", LtEq = "<=", Gt = ">", GtEq = ">=",
        Plus = "+", Minus = "-", Pipe = "|", Caret = "^", Star = "*", Slash = "/", Percent = "%", Shl = "<<",
        Shr = ">>", Amp = "&", AndNot = "&^", Not = "!", Arrow = "<-", Tilde = "~",
        Assign = "=", Define = ":=", MulAssign = "*=", DivAssign = "/=", RemAssign = "%=", ShlAssign = "<<=",
        ShrAssign = ">>=", AndAssign = "&=", AndNotAssign = "&^=", AddAssign = "+=", SubAssign = "-=",
        OrAssign = "|=", XorAssign = "^=",
        Semi = ";", Colon = ":", Comma = ",", OpenParen = "(", CloseParen = ")", OpenBrace = "{", CloseBrace = "}",
        OpenBracket = "[", CloseBracket = "]", Ellipsis = "...", Chan = "chan", Func = "func",
    }
}

impl Kind {
    pub(super) fn is_expr(self) -> bool {
        self.group() == Group::Expr
    }

    pub(super) fn is_simple_stmt(self) -> bool {
        self.group() == Group::Simple
    }

    pub(super) fn is_stmt(self) -> bool {
        matches!(self.group(), Group::Simple | Group::Stmt | Group::Declaration)
    }

    /// The binary operator that this token is, on its own or before `=`.
    pub(super) const fn binary_op(self) -> Option<BinaryOp> {
        Some(match self {
            Kind::OrOr => BinaryOp::LogicalOr,
            Kind::AndAnd => BinaryOp::LogicalAnd,
            Kind::EqEq => BinaryOp::Equal,
            Kind::NotEq => BinaryOp::NotEqual,
            Kind::Lt => BinaryOp::Less,
            Kind::LtEq => BinaryOp::LessEqual,
            Kind::Gt => BinaryOp::Greater,
            Kind::GtEq => BinaryOp::GreaterEqual,
            Kind::Plus | Kind::AddAssign => BinaryOp::Add,
            Kind::Minus | Kind::SubAssign => BinaryOp::Sub,
            Kind::Pipe | Kind::OrAssign => BinaryOp::Or,
            Kind::Caret | Kind::XorAssign => BinaryOp::Xor,
            Kind::Star | Kind::MulAssign => BinaryOp::Mul,
            Kind::Slash | Kind::DivAssign => BinaryOp::Div,
            Kind::Percent | Kind::RemAssign => BinaryOp::Rem,
            Kind::Shl | Kind::ShlAssign => BinaryOp::Shl,
            Kind::Shr | Kind::ShrAssign => BinaryOp::Shr,
            Kind::Amp | Kind::AndAssign => BinaryOp::And,
            Kind::AndNot | Kind::AndNotAssign => BinaryOp::AndNot,
            _ => return None,
        })
    }

    /// The unary operator that this token is; `*` is not one of ours.
    pub(super) const fn unary_op(self) -> Option<UnaryOp> {
        Some(match self {
            Kind::Plus => UnaryOp::Plus,
            Kind::Minus => UnaryOp::Minus,
            Kind::Not => UnaryOp::Not,
            Kind::Caret => UnaryOp::BitNot,
            Kind::Amp => UnaryOp::Addr,
            Kind::Arrow => UnaryOp::Recv,
            Kind::Tilde => UnaryOp::Tilde,
            _ => return None,
        })
    }
}

/// Kinds by the grammar's numbers.
pub(crate) struct Kinds(Vec<Kind>);

impl Kinds {
    pub(crate) fn new(language: &tree_sitter::Language) -> Kinds {
        let kind = |id| language.node_kind_for_id(id).map_or(Kind::Other, Kind::named);
        Kinds((0..language.node_kind_count() as u16).map(kind).collect())
    }

    /// The kind with this number. An error node's number is above all others.
    pub(super) fn of(&self, id: u16) -> Kind {
        self.0.get(id as usize).copied().unwrap_or(Kind::Error)
    }
}
