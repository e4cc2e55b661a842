// Types for the tests; mlflow-ui.mjs itself is JavaScript, so that an older Node runs it.
export declare function mlflowUiFolder(root: string): string;
export declare function hasMlflowUi(root: string): boolean;
