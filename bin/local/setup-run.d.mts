export declare function run(
  command: readonly string[],
  options: { cwd?: string; env?: Record<string, string | undefined> },
): Promise<{ code: number | string | null; output: string }>;
export declare function progress(what: string): () => void;
