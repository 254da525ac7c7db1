import type { PlayValue } from './play.ts';

/** One line of streaming.jsonl, scalar.jsonl or scalar-errors.jsonl, as the format's description says. */
export type CaseLine = StreamingCase | ScalarCase;

export interface PlayedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly ddl_columns: readonly string[];
  readonly primary_key?: readonly string[] | null;
  readonly changelog_mode: string;
  readonly rows: readonly ({ readonly op: string; readonly values: readonly PlayValue[]; readonly phase?: number } | { readonly watermark: string })[];
}

export interface ExpectedRow {
  readonly op?: string;
  readonly values?: readonly unknown[];
  readonly text?: string;
}

export interface StreamingCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly config?: Readonly<Record<string, unknown>>;
  readonly tables: readonly PlayedTable[];
  readonly setup_sql?: string;
  readonly sql: string;
  readonly sink?: { readonly name: string; readonly columns: readonly { readonly name: string; readonly type: string }[]; readonly primary_key: readonly string[] | null };
  readonly expected: {
    readonly mode: 'append' | 'final' | 'changelog' | 'changelog_signs';
    readonly encoding: 'typed' | 'flink_text';
    readonly rows: readonly ExpectedRow[];
    readonly separator?: string;
    readonly final_rows?: readonly ExpectedRow[];
  };
}

export interface ScalarCase {
  readonly id: string;
  readonly features: readonly string[];
  readonly expr: string;
  readonly inputs?: readonly { readonly name: string; readonly type: string; readonly value: unknown }[];
  readonly expected?: unknown;
  readonly expected_type?: string;
  readonly expected_error?: 'validation' | 'runtime' | 'any';
  readonly compare?: 'cast_to_string';
  readonly session?: Readonly<Record<string, unknown>>;
}

export type Status = 'pass' | 'fail' | 'error' | 'unsupported';

export interface CaseResult {
  readonly id: string;
  readonly status: Status;
  readonly detail: string;
  /** What came out, in the encoding of `expected`; absent when nothing did. */
  readonly actual?: unknown;
}
