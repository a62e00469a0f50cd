/* Lists livehunt rulesets: the component in wasmtime, from C, with nothing but wasmtime's own C API.
 *
 *     rulesets COMPONENT [LIMIT]
 *
 * The settings are the environment's: VT_APIKEY, VT_URL and the others that the component reads. Prints a line for each
 * ruleset: its id, a tab, its name. Ends with 0; with 1 when the action failed, and says why; with 2 when it did not come
 * to that.
 *
 * Who owns what, in this API: an error is the caller's to delete; what is passed to `wasmtime_context_set_wasi` is the
 * store's; a `wasmtime_component_val_t` owns all that is in it, so one delete of the root frees the whole.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasm.h>
#include <wasmtime.h>
#include <wasmtime/component.h>

#define INTERFACE "virustotal:hunting/livehunt@0.1.0"
#define FUNCTION "get-livehunt-rulesets"

enum { DONE = 0, ACTION_FAILED = 1, NOT_STARTED = 2 };

/* All that has to be freed, so that there is one place that does. */
struct host {
    wasm_engine_t *engine;
    wasmtime_component_t *component;
    wasmtime_component_linker_t *linker;
    wasmtime_store_t *store;
    wasmtime_component_export_index_t *interface_index;
    wasmtime_component_export_index_t *function_index;
};

static void host_free(struct host *host) {
    if (host->function_index != NULL) wasmtime_component_export_index_delete(host->function_index);
    if (host->interface_index != NULL) wasmtime_component_export_index_delete(host->interface_index);
    if (host->store != NULL) wasmtime_store_delete(host->store);
    if (host->linker != NULL) wasmtime_component_linker_delete(host->linker);
    if (host->component != NULL) wasmtime_component_delete(host->component);
    if (host->engine != NULL) wasm_engine_delete(host->engine);
}

/* Says what went wrong, and frees it. True if there was something. */
static bool failed(const char *what, wasmtime_error_t *error) {
    if (error == NULL) return false;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "cannot %s: %.*s\n", what, (int)message.size, message.data);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return true;
}

/* The whole file; the caller frees `*bytes`. */
static bool read_file(const char *path, uint8_t **bytes, size_t *size) {
    bool read = false;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
        return false;
    }
    long end = -1;
    if (fseek(file, 0, SEEK_END) == 0) end = ftell(file);
    if (end > 0 && fseek(file, 0, SEEK_SET) == 0) {
        *size = (size_t)end;
        *bytes = malloc(*size);
        if (*bytes == NULL) {
            fprintf(stderr, "there is no memory for the %ld bytes of %s\n", end, path);
        } else if (fread(*bytes, 1, *size, file) == *size) {
            read = true;
        } else {
            free(*bytes);
            *bytes = NULL;
            fprintf(stderr, "cannot read %s to its end\n", path);
        }
    } else {
        fprintf(stderr, "%s is empty, or no file that can be read twice\n", path);
    }
    (void)fclose(file); /* Only read from: there is nothing to lose. */
    return read;
}

/* The component's variables, as far as they are set here. Nothing else of the environment is passed on. */
static bool set_environment(wasi_config_t *wasi) {
    static const char *const known[] = {
        "VT_APIKEY",  "VT_URL",     "VT_ALLOW_HTTP",          "VT_TIMEOUT",    "VT_MAX_RESPONSE_BYTES",
        "VT_ACCESS",  "VT_RETRIES", "VT_REQUESTS_PER_MINUTE", "VT_HTTP_PROXY", "VT_VERIFY_SSL",
    };
    enum { KNOWN = sizeof known / sizeof known[0] };
    const char *names[KNOWN];
    const char *values[KNOWN];
    size_t count = 0;
    for (size_t each = 0; each < KNOWN; each++) {
        const char *value = getenv(known[each]);
        if (value == NULL) continue;
        names[count] = known[each];
        values[count] = value;
        count++;
    }
    if (wasi_config_set_env(wasi, count, names, values)) return true;
    /* Not which one: it could be the key. */
    fputs("a setting in the environment is not UTF-8\n", stderr);
    return false;
}

/* The component, ready to be called, with WASI and HTTP and its settings. */
static bool start(struct host *host, const char *path, wasmtime_component_func_t *function) {
    host->engine = wasm_engine_new();
    if (host->engine == NULL) {
        fputs("wasmtime has no engine for this machine\n", stderr);
        return false;
    }
    uint8_t *wasm = NULL;
    size_t size = 0;
    if (!read_file(path, &wasm, &size)) return false;
    wasmtime_error_t *error = wasmtime_component_new(host->engine, wasm, size, &host->component);
    free(wasm);
    if (failed("compile the component", error)) return false;

    host->linker = wasmtime_component_linker_new(host->engine);
    if (failed("offer WASI", wasmtime_component_linker_add_wasip2(host->linker))) return false;
    if (failed("offer HTTP", wasmtime_component_linker_add_wasi_http(host->linker))) return false;

    host->store = wasmtime_store_new(host->engine, NULL, NULL);
    if (host->store == NULL) {
        fputs("there is no memory for a store\n", stderr);
        return false;
    }
    wasmtime_context_t *context = wasmtime_store_context(host->store);
    wasi_config_t *wasi = wasi_config_new();
    if (!set_environment(wasi)) {
        wasi_config_delete(wasi);
        return false;
    }
    /* From here on `wasi` is the store's, also if this fails. */
    if (failed("set up WASI", wasmtime_context_set_wasi(context, wasi))) return false;
    wasmtime_context_set_wasi_http(context);

    wasmtime_component_instance_t instance;
    error = wasmtime_component_linker_instantiate(host->linker, context, host->component, &instance);
    if (failed("start the component", error)) return false;

    host->interface_index =
        wasmtime_component_instance_get_export_index(&instance, context, NULL, INTERFACE, strlen(INTERFACE));
    if (host->interface_index != NULL) {
        host->function_index = wasmtime_component_instance_get_export_index(&instance, context, host->interface_index,
                                                                            FUNCTION, strlen(FUNCTION));
    }
    if (host->function_index == NULL ||
        !wasmtime_component_instance_get_func(&instance, context, host->function_index, function)) {
        fprintf(stderr, "the component has no `%s` in `%s`\n", FUNCTION, INTERFACE);
        return false;
    }
    return true;
}

/* The record `rulesets-query`: a limit, and nothing else. The caller deletes it. */
static wasmtime_component_val_t make_query(uint32_t limit) {
    static const char *const fields[] = {"limit", "filter", "order", "cursor", "relationships"};
    enum { FIELDS = sizeof fields / sizeof fields[0] };
    wasmtime_component_val_t query = {.kind = WASMTIME_COMPONENT_RECORD};
    wasmtime_component_valrecord_new_uninit(&query.of.record, FIELDS);
    for (size_t each = 0; each < FIELDS; each++) {
        wasmtime_component_valrecord_entry_t *entry = &query.of.record.data[each];
        wasm_name_new_from_string(&entry->name, fields[each]);
        entry->val = (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_OPTION, .of.option = NULL};
    }
    wasmtime_component_val_t number = {.kind = WASMTIME_COMPONENT_U32, .of.u32 = limit};
    query.of.record.data[0].val.of.option = wasmtime_component_val_new(&number);
    return query;
}

/* A field of a record; NULL if there is none, or if `record` is none. */
static const wasmtime_component_val_t *field(const wasmtime_component_val_t *record, const char *name) {
    if (record == NULL || record->kind != WASMTIME_COMPONENT_RECORD) return NULL;
    for (size_t each = 0; each < record->of.record.size; each++) {
        const wasmtime_component_valrecord_entry_t *entry = &record->of.record.data[each];
        if (entry->name.size == strlen(name) && memcmp(entry->name.data, name, entry->name.size) == 0) {
            return &entry->val;
        }
    }
    return NULL;
}

/* What is in an option; the value itself where it is none; NULL where there is nothing. */
static const wasmtime_component_val_t *some(const wasmtime_component_val_t *value) {
    if (value != NULL && value->kind == WASMTIME_COMPONENT_OPTION) return value->of.option;
    return value;
}

/* A text or the name of an enumeration's case, to be printed with `%.*s`; empty where there is none. */
static wasm_name_t text(const wasmtime_component_val_t *value) {
    value = some(value);
    if (value != NULL && value->kind == WASMTIME_COMPONENT_STRING) return value->of.string;
    if (value != NULL && value->kind == WASMTIME_COMPONENT_ENUM) return value->of.enumeration;
    return (wasm_name_t){.size = 0, .data = NULL};
}

#define SHOWN(name) (int)(name).size, (name).size == 0 ? "" : (name).data

static void print_error(const wasmtime_component_val_t *error) {
    wasm_name_t kind = text(field(error, "kind"));
    wasm_name_t code = text(field(error, "code"));
    wasm_name_t message = text(field(error, "message"));
    const wasmtime_component_val_t *status = some(field(error, "status"));
    fprintf(stderr, "%.*s %.*s", SHOWN(kind), SHOWN(code));
    if (status != NULL && status->kind == WASMTIME_COMPONENT_U16) fprintf(stderr, " (%" PRIu16 ")", status->of.u16);
    fprintf(stderr, ": %.*s\n", SHOWN(message));
}

/* Prints the page; false if a part of it could not be read, which is said as well. */
static bool print_page(const wasmtime_component_val_t *page) {
    const wasmtime_component_val_t *items = field(page, "items");
    if (items == NULL || items->kind != WASMTIME_COMPONENT_LIST) {
        fputs("the component gave something that is no page\n", stderr);
        return false;
    }
    for (size_t each = 0; each < items->of.list.size; each++) {
        wasm_name_t id = text(field(&items->of.list.data[each], "id"));
        wasm_name_t name = text(field(&items->of.list.data[each], "name"));
        printf("%.*s\t%.*s\n", SHOWN(id), SHOWN(name));
    }
    const wasmtime_component_val_t *incomplete = some(field(field(page, "page"), "incomplete"));
    if (incomplete != NULL) print_error(incomplete);
    return incomplete == NULL;
}

static int call(struct host *host, const wasmtime_component_func_t *function, uint32_t limit) {
    wasmtime_component_val_t query = make_query(limit);
    /* A boolean owns nothing: deleting it is right too where no result came. */
    wasmtime_component_val_t result = {.kind = WASMTIME_COMPONENT_BOOL};
    wasmtime_context_t *context = wasmtime_store_context(host->store);
    wasmtime_error_t *error = wasmtime_component_func_call(function, context, &query, 1, &result, 1);
    wasmtime_component_val_delete(&query);

    int code = NOT_STARTED;
    if (failed("call " FUNCTION, error)) {
        /* A trap: the store is spent. It has said why. */
    } else if (result.kind != WASMTIME_COMPONENT_RESULT) {
        fputs("the component gave something that is no result\n", stderr);
    } else if (result.of.result.is_ok) {
        code = print_page(result.of.result.val) ? DONE : ACTION_FAILED;
    } else {
        print_error(result.of.result.val);
        code = ACTION_FAILED;
    }
    wasmtime_component_val_delete(&result);
    return code;
}

/* A number from 0 to 4 294 967 295. What is a good one is the component's to say. */
static bool parse_limit(const char *word, uint32_t *limit) {
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(word, &end, 10);
    if (errno != 0 || word[0] < '0' || word[0] > '9' || *end != '\0' || number > UINT32_MAX) {
        fprintf(stderr, "LIMIT takes 0 to 4294967295, and was given `%s`\n", word);
        return false;
    }
    *limit = (uint32_t)number;
    return true;
}

int main(int argc, char **argv) {
    uint32_t limit = 40;
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: %s COMPONENT [LIMIT]\n", argc > 0 ? argv[0] : "rulesets");
        return NOT_STARTED;
    }
    if (argc == 3 && !parse_limit(argv[2], &limit)) return NOT_STARTED;

    struct host host = {0};
    wasmtime_component_func_t function;
    int code = NOT_STARTED;
    if (start(&host, argv[1], &function)) code = call(&host, &function, limit);
    host_free(&host);
    if (fflush(stdout) != 0 && code == DONE) {
        fprintf(stderr, "cannot write the list: %s\n", strerror(errno));
        return NOT_STARTED;
    }
    return code;
}
