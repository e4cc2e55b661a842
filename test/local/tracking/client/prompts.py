import mlflow
from mlflow import MlflowClient

from case import case, equal, fresh, refused, true

client = MlflowClient()


@case("a prompt is registered, loaded by version and alias, and changed by a new version")
def _():
    name = fresh("greeting")
    first = mlflow.genai.register_prompt(name, "Hello {{name}}!", commit_message="begin", tags={"lang": "en"})
    equal((first.version, first.template), (1, "Hello {{name}}!"))
    equal(mlflow.genai.register_prompt(name, "Grüße, {{name}}").version, 2)
    equal(mlflow.genai.load_prompt(name, 1).format(name="Jo"), "Hello Jo!")
    equal([each.version for each in client.search_prompt_versions(name)], [2, 1])
    mlflow.genai.set_prompt_alias(name, "best", 2)
    equal(mlflow.genai.load_prompt(f"prompts:/{name}@best").template, "Grüße, {{name}}")
    mlflow.genai.set_prompt_alias(name, "best", 1)
    equal(client.load_prompt(f"prompts:/{name}@best").version, 1)
    loaded = client.load_prompt(f"prompts:/{name}/1")
    equal((loaded.commit_message, loaded.tags.get("lang"), loaded.template), ("begin", "en", "Hello {{name}}!"))
    mlflow.genai.delete_prompt_alias(name, "best")
    refused("INVALID_PARAMETER_VALUE", lambda: client.load_prompt(f"prompts:/{name}@best"), "best")


@case("a chat prompt with a response format comes back as it was")
def _():
    name = fresh("chat")
    messages = [{"role": "system", "content": "Answer in {{lang}}"}, {"role": "user", "content": "{{question}}"}]
    client.register_prompt(name, messages, response_format={"type": "object"})
    loaded = client.load_prompt(name)
    equal((loaded.template, loaded.response_format), (messages, {"type": "object"}))


@case("prompts and models do not show in each other's lists")
def _():
    prompt, model = fresh("both"), fresh("both")
    client.register_prompt(prompt, "x")
    client.create_registered_model(model)
    listed = [each.name for each in client.search_registered_models(max_results=1000)]
    true(model in listed and prompt not in listed, "the list of models")
    found = [each.name for each in client.search_prompts(f"name ILIKE '{prompt}'")]
    equal(found, [prompt])
    equal([each.name for each in client.search_prompts(f"name = '{model}'")], [])


@case("a prompt that is not there loads as an error or as None when that is allowed")
def _():
    nobody = fresh("nobody")
    refused("RESOURCE_DOES_NOT_EXIST", lambda: client.load_prompt(nobody, 1))
    equal(client.load_prompt(nobody, 1, allow_missing=True), None)


@case("tags of prompts and of their versions are set and deleted; versions and prompts are deleted")
def _():
    name = fresh("tagged")
    client.create_prompt(name, description="d", tags={"a": "1"})
    client.create_prompt_version(name, "x", description="one")
    client.set_prompt_tag(name, "b", "2")
    client.delete_prompt_tag(name, "a")
    client.set_prompt_version_tag(name, 1, "c", "3")
    found = client.get_prompt(name)
    equal((found.tags.get("b"), "a" in found.tags), ("2", False))
    equal(client.get_prompt_version(name, "1").tags.get("c"), "3")
    client.delete_prompt_version_tag(name, 1, "c")
    equal("c" in client.get_prompt_version(name, "1").tags, False)
    client.set_prompt_alias(name, "best", 1)
    equal(client.get_prompt_version_by_alias(name, "best").version, 1)
    client.delete_prompt_alias(name, "best")
    client.delete_prompt_version(name, "1")
    client.delete_prompt(name)
    equal(client.get_prompt(name), None)


@case("a run names the prompts that it used")
def _():
    name = fresh("linked")
    prompt = client.register_prompt(name, "x")
    run = client.create_run("0").info.run_id
    client.link_prompt_version_to_run(run, prompt)
    model = client.create_logged_model("0", name="m").model_id
    client.link_prompt_version_to_model(name, "1", model)
    true(name in client.get_logged_model(model).tags.get("mlflow.linkedPrompts", ""), "the model names no prompt")
    client.delete_logged_model(model)
    true(name in client.get_run(run).data.tags.get("mlflow.linkedPrompts", ""), "the run names no prompt")
    # The older of the two notes, which clients before 3.0 left.
    client.set_prompt_version_tag(name, 1, "mlflow.prompt.associatedRunIds", run)
    equal([each.name for each in client.list_logged_prompts(run)], [name])
    client.detach_prompt_from_run(run, f"prompts:/{name}/1")
    equal(client.list_logged_prompts(run), [])
    client.delete_run(run)
