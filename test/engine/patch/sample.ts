/** A patch of our own for tests that disguise it: hunks of every shape, tabs, long lines, blank context. */
export const SAMPLE = `diff --git a/drivers/toy/core.c b/drivers/toy/core.c
index 1212121aaaaa..3434343bbbbb 100644
--- a/drivers/toy/core.c
+++ b/drivers/toy/core.c
@@ -1,5 +1,6 @@
 // SPDX-License-Identifier: GPL-2.0
 #include <linux/module.h>
+#include <linux/cleanup.h>
 #include <linux/mutex.h>
 
 #define TOY_MAX		16
@@ -20,22 +21,24 @@ static int toy_probe(struct device *dev)
 	struct toy *toy;
 	int ret;
 
-	toy = kzalloc(sizeof(*toy), GFP_KERNEL);
+	toy = devm_kzalloc(dev, sizeof(*toy), GFP_KERNEL);
 	if (!toy)
 		return -ENOMEM;
 
 	mutex_init(&toy->lock);
 	INIT_LIST_HEAD(&toy->list);
 
 	ret = toy_register(toy);
-	if (ret)
-		goto err_free;
+	if (ret) {
+		dev_err(dev, "the toy could not be registered with its own bus\\n");
+		return ret;
+	}
 
 	mutex_lock(&toy_mutex);
 	list_add(&toy->list, &toys);
 	mutex_unlock(&toy_mutex);
 
 	return 0;
-
 
 }
+EXPORT_SYMBOL_GPL(toy_probe);
@@ -60,7 +63,6 @@ static void toy_remove(struct device *dev)
 	list_del(&toy->list);
 	mutex_unlock(&toy_mutex);
 	toy_unregister(toy);
-	kfree(toy);
 }
 
 static int toy_suspend(struct device *dev)
diff --git a/include/linux/toy.h b/include/linux/toy.h
index 5656565ccccc..7878787ddddd 100644
--- a/include/linux/toy.h
+++ b/include/linux/toy.h
@@ -8,8 +8,7 @@
 struct toy {
 	struct mutex		lock;		/* protects all of the below */
 	struct list_head	list;
-	bool			suspended : 1;
-	int			(*wake)(struct toy *toy, unsigned int why);
+	bool			suspended;
 };
 
 int toy_register(struct toy *toy);
`;
