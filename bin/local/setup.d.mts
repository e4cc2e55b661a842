// Types for the tests; setup.mjs itself is JavaScript, so that an older Node runs it.
export declare class Missing extends Error {}
export declare function setUp(root: string, options: { python: boolean }): Promise<void>;

export interface ThisNode {
  platform: string;
  arch: string;
  version: string;
  execPath: string;
}
export declare function node24(root: string, node?: Partial<ThisNode>): string;
export declare function isMarked(files: { lock: string; marker: string; needs?: string }): boolean;
export declare function wereInstalledByHand(root: string): boolean;
export declare function explainNpm(code: number | string, output: string): string;
export declare function explainPip(output: string): string;

export interface PythonProbe {
  command: string[];
  found: boolean;
  version: [number, number];
  /** Whether it has `venv` and `ensurepip`. */
  whole: boolean;
}
export declare function pickPython(probes: PythonProbe[]): string[];
