/** A name or a text inside SQL. Both come from a dataset's spec, never from a request. */
export const sqlName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A list of files as DuckDB's readers take it. */
export const sqlFiles = (files: readonly string[]): string => `[${files.map(sqlText).join(', ')}]`;
